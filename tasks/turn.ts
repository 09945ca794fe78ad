/**
 * Turns a teacher to the principal axes of its residual stream and sorts its heads and neurons, so that first indices
 * are the best. Its logits stay the same.
 *
 *   deno task turn --teacher fixtures/teacher --out teachers/turned
 *   deno task search --teacher teachers/turned --params 0.25x --fitness repaired --out searches/turned
 */

import { z } from "zod";
import { deviceFields } from "../lib/cli/device_fields.ts";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { UsageError } from "../lib/cli/usage_error.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { openDevice } from "../lib/devices/mod.ts";
import { Evaluator } from "../lib/evaluate/loss.ts";
import { writeModelFolder } from "../lib/io/huggingface.ts";
import { machineOptions } from "../lib/io/machine.ts";
import { runTask } from "../lib/io/terminal.ts";
import type { Model } from "../lib/model/model.ts";
import { calibrationWindows } from "../lib/pipeline/inherit.ts";
import { type PrincipalAxes, shareHeld } from "../lib/subnet/axes/rotation.ts";
import { turnable, turnAndSort } from "../lib/subnet/axes/turn_and_sort.ts";
import { importanceFlops, type ImportanceMethod, importanceOf } from "../lib/subnet/importance/mod.ts";
import { prepareData, type TrainingData } from "../lib/train/data.ts";
import { readRunConfig } from "../lib/train/trainer_state.ts";
import { formatCount, formatPercent } from "../lib/units.ts";
import { corpusFields, corpusOf } from "./_corpus.ts";
import { openModel } from "./_model.ts";
import { quote } from "./_shell.ts";

/** Nats by which rounding may change the loss. */
const TOLERANCE = 1e-3;

const schema = z.strictObject({
  teacher: field(z.string().min(1), "Hugging Face folder of the teacher"),
  out: field(z.string().min(1), "folder to write; new, empty or a model"),
  sort: field(
    z.enum(["activation", "taylor", "none"]).default("taylor"),
    "what heads and neurons are sorted by, the most important first",
  ),
  calibrationTokens: field(z.int().min(1).default(16_384), "text for axes and importance", { unit: "tokens" }),
  evalTokens: field(z.int().min(0).default(16_384), "tokens of the validation split to compare losses on", {
    zero: "all",
  }),
  ...corpusFields,
  runs: field(z.string().min(1).default("runs"), "directory that keeps the tokens"),
  ...deviceFields,
});
const usage = "deno task turn [flags]";
const examples = [
  "deno task turn --teacher fixtures/teacher --out teachers/turned",
  "deno task turn --teacher fixtures/teacher --sort activation --calibration-tokens 64k --out teachers/turned",
  "deno task search --teacher teachers/turned --params 0.25x --fitness repaired --out searches/turned",
];

await runTask(async (args) => {
  const flags = parseFlags(schema, args);
  if (flags.help) return console.log(help(schema, { usage, examples }));
  const asked = validate(schema, flags.values, flagNames());
  const { teacher: folder, out, sort, calibrationTokens, evalTokens } = asked;
  using device = await openDevice(asked.device, machineOptions(asked.threads));
  const { model, tokenizer } = await openModel(folder, device);
  using teacher = model;
  const { sequence, vocabularySize: vocabulary, width } = teacher.config;
  const corpus = corpusOf(asked, await readRunConfig(folder));
  const settings = { ...corpus, sequence, out: asked.runs, tokenizer: "train", endOfText: "", vocabulary };
  const data = await prepareData(settings, tokenizer, console.log);
  const windows = calibrationWindows(data.train, sequence, calibrationTokens);
  const found = windows.length * sequence;
  if (found <= width) {
    throw new UsageError(
      `Cannot use --calibration-tokens: whole windows of ${sequence} must hold more tokens than the teacher's width ` +
        `${width}, found ${found}; raise it`,
    );
  }

  const score = sort === "none" ? undefined : scorer(sort, windows);
  using turned = await turnable(folder, () => turnAndSort(teacher, { windows, score }));
  const { model: result, axes } = turned;
  const [before, after] = [await lossOf(teacher, data, evalTokens), await lossOf(result, data, evalTokens)];
  if (!(Math.abs(after.loss - before.loss) <= TOLERANCE)) {
    throw new UsageError(
      `Cannot turn '${folder}': its held-out loss must stay ${before.loss.toFixed(4)} nats, found ` +
        `${after.loss.toFixed(4)}; keep its axes as they are`,
    );
  }
  const { config } = result;
  await writeModelFolder(out, { config, parameters: await result.parameters(), tokenizerJson: teacher.tokenizerJson });

  console.log(`axes: of the stream, as norms see it, ${[4, 2].map((part) => held(axes, width, part)).join(", ")}`);
  console.log(
    `heads and neurons: ${sort === "none" ? "as they stood" : `sorted by ${sort}, the most important first`}`,
  );
  console.log(
    `held-out loss on ${formatCount(before.tokens)} tokens: ${before.loss.toFixed(4)} nats before, ` +
      `${after.loss.toFixed(4)} after`,
  );
  const next = ["--teacher", quote(out), "--params", "0.25x", "--fitness", "repaired"];
  console.log(`done: the teacher is in '${out}'; search it: deno task search ${next.join(" ")} --out searches/turned`);
});

function scorer(method: ImportanceMethod, windows: readonly (readonly number[])[]) {
  const batches = windows.map((window) => [window]);
  const tokens = windows.reduce((sum, { length }) => sum + length - 1, 0);
  return async (turned: Model) => ({
    scores: await importanceOf(turned, batches, method),
    flops: importanceFlops(turned.config, method, tokens),
  });
}

/** Says what a part of the coordinates holds. */
function held(axes: PrincipalAxes, width: number, part: number): string {
  const coordinates = Math.floor(width / part);
  return `the first ${coordinates} of ${width} coordinates hold ${formatPercent(shareHeld(axes, coordinates))}`;
}

async function lossOf(model: Model, { validation: tokens, bytesPerToken }: TrainingData, limit: number) {
  const { sequence } = model.config;
  using evaluator = await Evaluator.create(model, {
    ...{ tokens, bytesPerToken, batch: 8, sequence },
    ...(limit > 0 && { limit }),
  });
  return await evaluator.evaluate();
}
