/**
 * Cuts a student out of a teacher.
 *
 *   deno task extract --teacher fixtures/teacher --subnet searches/first/best.json --out students/first
 */

import { z } from "zod";
import { deviceFields } from "../lib/cli/device_fields.ts";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { headFields } from "../lib/cli/head_fields.ts";
import { help } from "../lib/cli/help.ts";
import { UsageError } from "../lib/cli/usage_error.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import type { Tokenizer } from "../lib/data/tokenizer.ts";
import { openDevice } from "../lib/devices/mod.ts";
import { writeModelFolder } from "../lib/io/huggingface.ts";
import { readJson } from "../lib/io/json.ts";
import { machineOptions } from "../lib/io/machine.ts";
import { runTask } from "../lib/io/terminal.ts";
import { trainingFlopsPerToken } from "../lib/model/flops.ts";
import type { Model } from "../lib/model/model.ts";
import { hashParameters } from "../lib/model/parameter_hash.ts";
import { countParameters } from "../lib/model/parameters.ts";
import { calibrationWindows, inherit } from "../lib/pipeline/inherit.ts";
import { dimensionsOf } from "../lib/subnet/dimensions.ts";
import { exported } from "../lib/subnet/export.ts";
import { inheritanceJson } from "../lib/subnet/inheritance.ts";
import { parseSubNetwork } from "../lib/subnet/json.ts";
import { prepareData } from "../lib/train/data.ts";
import { readRunConfig } from "../lib/train/trainer_state.ts";
import { formatCount, formatPercent } from "../lib/units.ts";
import { corpusFields, corpusOf } from "./_corpus.ts";
import { openModel } from "./_model.ts";
import { quote } from "./_shell.ts";

const schema = z.strictObject({
  teacher: field(z.string().min(1), "Hugging Face folder of the teacher"),
  subnet: field(z.string().min(1), "JSON file of the sub-network: layers, width and blocks"),
  out: field(z.string().min(1), "folder to write; new, empty or a model"),
  uniform: field(
    z.boolean().default(false),
    "pad blocks that differ with zeros and copy keys that heads share, so that every reader opens the folder",
  ),
  ...headFields,
  norms: field(z.enum(["keep", "rescale"]).default("keep"), "gains and biases of norms that lose width"),
  repair: field(z.boolean().default(false), "refit output projections to the teacher's stream on calibration text"),
  calibrationTokens: field(z.int().min(1).default(16_384), "text for --norms rescale and --repair", { unit: "tokens" }),
  ...corpusFields,
  runs: field(z.string().min(1).default("runs"), "directory that keeps the tokens"),
  ...deviceFields,
});
const usage = "deno task extract [flags]";
const examples = [
  "deno task extract --teacher fixtures/teacher --subnet searches/first/best.json --out students/first",
  "deno task extract --teacher fixtures/teacher --subnet searches/first/best.json --out students/padded --repair --uniform",
  "deno task pretrain --init students/first",
];

await runTask(async (args) => {
  const flags = parseFlags(schema, args);
  if (flags.help) return console.log(help(schema, { usage, examples }));
  const asked = validate(schema, flags.values, flagNames());
  const { teacher: folder, subnet, out, uniform, rope, scale } = asked;
  const heads = { rope, scale };
  const json = await readJson(subnet);
  using device = await openDevice(asked.device, machineOptions(asked.threads));
  const { model: teacher, tokenizer } = await openModel(folder, device);
  const subNetwork = usable(subnet, () => parseSubNetwork(json, dimensionsOf(teacher.config), heads));
  const { norms, repair: refit } = asked;
  const windows = refit || norms === "rescale" ? await calibrationText(asked, teacher, tokenizer) : [];
  using student = (await inherit(teacher, subNetwork, { ...heads, norms, refit, windows })).student;
  const { config } = student;
  const parameters = await student.parameters();
  const form = usable(subnet, () => exported({ config, parameters }, { uniform }));
  const subnetJson = inheritanceJson(subNetwork, await hashParameters(await teacher.parameters()));
  await writeModelFolder(out, { ...form, tokenizerJson: teacher.tokenizerJson, subnetJson });

  const [count, all] = [countParameters(form.config), countParameters(teacher.config)];
  const cost = trainingFlopsPerToken(form.config) / trainingFlopsPerToken(teacher.config);
  const note = form.config.blocks ? ", in a form that only Offshoot reads (--uniform for all readers)" : "";
  console.log(
    `${formatCount(count)} of ${formatCount(all)} parameters (${formatPercent(count / all)}), ` +
      `${formatPercent(cost)} of the FLOPs a token${note}`,
  );
  console.log(`done: the student is in '${out}'; train it: deno task pretrain --init ${quote(out)}`);
});

/** Windows of the training split, spread evenly. */
async function calibrationText(
  { teacher: folder, calibrationTokens: limit, runs: out, ...given }: z.output<typeof schema>,
  { config: { sequence, vocabularySize: vocabulary } }: Model,
  tokenizer: Tokenizer,
): Promise<number[][]> {
  const corpus = corpusOf(given, await readRunConfig(folder));
  const settings = { ...corpus, sequence, out, tokenizer: "train", endOfText: "", vocabulary };
  const { train } = await prepareData(settings, tokenizer, console.log);
  const windows = calibrationWindows(train, sequence, limit);
  if (windows.length === 0) {
    throw new UsageError(
      `Cannot use --calibration-tokens: must be at least one window of ${sequence}, found ${limit}; raise it`,
    );
  }
  return windows;
}

/** Names the file of a sub-network that cannot be used. */
function usable<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`Cannot use '${path}': ${error.message.replace(/^Cannot [^:]+: /, "")}`);
  }
}
