/**
 * Writes the logits of a teacher, or of several, of a corpus into a store, from which students learn without running them.
 *
 *   deno task teach --teacher fixtures/teacher --out stores/teacher
 *   deno task teach --teacher fixtures/teacher --out stores/sampled --kind sampled --k 50
 *   deno task teach --teacher fixtures/teacher --out stores/teacher --resume
 *   deno task teach --teacher runs/first/final --teacher runs/second/final --out stores/both
 *
 * Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C (143 by SIGTERM) with whole shards to go on from.
 */

import { z } from "zod";
import { deviceFields } from "../lib/cli/device_fields.ts";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { formatDuration } from "../lib/cli/progress.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { describeDevice, openDevice } from "../lib/devices/mod.ts";
import { STORE_KINDS } from "../lib/distill/store/manifest.ts";
import { teach, type TeachRow } from "../lib/distill/teach.ts";
import { machineOptions } from "../lib/io/machine.ts";
import { runTask } from "../lib/io/terminal.ts";
import { prepareData } from "../lib/train/data.ts";
import { readRunConfig } from "../lib/train/trainer_state.ts";
import { formatBytes, formatCount } from "../lib/units.ts";
import { corpusFields, corpusOf } from "./_corpus.ts";
import { onInterrupt } from "./_interrupt.ts";
import { openModel } from "./_model.ts";
import { quote } from "./_shell.ts";

const schema = z.strictObject({
  teacher: field(
    z.array(z.string().min(1)).min(1),
    "Hugging Face folder of the teacher; of several, which have one tokenizer, the mean probabilities are written",
  ),
  out: field(z.string().min(1), "folder of the store; new or empty, or with --resume a store to go on with"),
  kind: field(
    z.enum(STORE_KINDS).default("top-k"),
    "top-k, the most likely tokens and the rest of the mass, or sampled, unbiased draws",
  ),
  k: field(z.int().min(1).default(16), "tokens a position: the most likely ones, or draws with replacement"),
  temperature: field(z.number().gt(0).default(1), "what logits are divided by; that of the runs that learn from it"),
  sequence: field(z.int().min(2).optional(), "length of a window in tokens, that of the runs; the teacher's"),
  windows: field(z.int().min(0).default(0), "windows, the first ones that a run of --seed draws", { zero: "all" }),
  seed: field(z.int().min(0).max(2 ** 32 - 1).default(1), "decides the order of windows, and what is drawn"),
  batch: field(z.int().min(1).optional(), "windows a pass; as many as 2,048 tokens, on hardware up to 16,384"),
  resume: field(z.boolean().default(false), "go on with a store that is not finished"),
  ...corpusFields,
  runs: field(z.string().min(1).default("runs"), "directory that keeps the tokens"),
  ...deviceFields,
});
const usage = `deno task teach [flags]
Ctrl-C finishes the shard under way and says how to go on; the exit code is then 130.`;
const examples = [
  "deno task teach --teacher fixtures/teacher --out stores/teacher",
  "deno task teach --teacher fixtures/teacher --out stores/sampled --kind sampled --k 50",
  "deno task teach --teacher fixtures/teacher --out stores/teacher --resume",
];

await runTask(async (args) => {
  const flags = parseFlags(schema, args);
  if (flags.help) return console.log(help(schema, { usage, examples }));
  const asked = validate(schema, flags.values, flagNames());
  const { teacher: folders, out, runs, device: kind, threads, resume, batch, windows, ...given } = asked;
  using device = await openDevice(kind, machineOptions(threads));
  console.log(`device: ${describeDevice(device)}, because ${device.reason}`);
  using opened = new DisposableStack();
  const teachers = [];
  for (const folder of folders) {
    const teacher = await openModel(folder, device);
    opened.use(teacher.model);
    teachers.push(teacher);
  }
  const models = teachers.map(({ model }) => model);
  const { tokenizer, model: { config: { vocabularySize: vocabulary } } } = teachers[0]!;
  const sequence = given.sequence ?? Math.min(...models.map(({ config }) => config.sequence));
  const corpus = corpusOf(given, await readRunConfig(folders[0]!));
  const settings = { ...corpus, sequence, out: runs, tokenizer: "train", endOfText: "", vocabulary };
  const { train: tokens } = await prepareData(settings, tokenizer, console.log);
  const { kind: what, k, temperature, seed } = given;
  const options = { tokens, tokenizer, kind: what, k, temperature, sequence, seed, ...(windows > 0 && { windows }) };
  let last: TeachRow | undefined;
  let stopped = 0;
  {
    using interrupt = onInterrupt("finishing this shard; press Ctrl-C again to end at once");
    for await (const row of teach(models, options, { folder: out, resume, batch, signal: interrupt.signal })) {
      console.log(progress(last = row, sequence));
    }
    if (interrupt.signal.aborted && !(last && last.windows === last.of)) stopped = interrupt.code;
  }
  if (stopped) {
    console.log("stopped; continue with the same command and --resume");
    return stopped;
  }
  if (!last) return console.log(`nothing to do: the store in '${out}' has all its windows`);
  console.log(
    `${formatCount(last.windows)} windows of ${sequence} tokens, ${last.bytes_per_token.toFixed(2)} bytes a token, ` +
      `${formatBytes(last.bytes)}; the passes took ${last.flops.toExponential(3)} FLOPs`,
  );
  const at = temperature === 1 ? "" : ` --temperature ${temperature}`;
  const command = `deno task pretrain --teacher ${quote(out)} --sequence ${sequence}${at}`;
  console.log(`done: the store is in '${out}'; learn from it: ${command}`);
});

function progress({ windows, of, bytes, tokens_per_s }: TeachRow, sequence: number): string {
  const left = formatDuration((of - windows) * sequence / tokens_per_s);
  const speed = formatCount(Math.round(tokens_per_s));
  return `${windows} of ${of} windows, ${formatBytes(bytes)}, ${speed} tokens/s, ${left} left`;
}
