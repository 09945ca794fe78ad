/**
 * Writes a teacher's logits of a corpus into a store, from which students learn without running the teacher.
 *
 *   deno task teach --teacher runs/teacher/final --out stores/teacher
 *   deno task teach --teacher runs/teacher/final --out stores/sampled --kind sampled --k 50
 *   deno task teach --teacher runs/teacher/final --out stores/teacher --resume
 *
 * Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C (143 by SIGTERM) with whole shards to go on from.
 */

import { z } from "zod";
import { deviceFields } from "../lib/cli/device_fields.ts";
import { field, toFlag } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { formatDuration } from "../lib/cli/progress.ts";
import { UsageError } from "../lib/cli/usage_error.ts";
import { validate } from "../lib/cli/validate.ts";
import type { TokenArray } from "../lib/data/batches.ts";
import type { Tokenizer } from "../lib/data/tokenizer.ts";
import { sha256 } from "../lib/data/hash.ts";
import { describeDevice, openDevice } from "../lib/devices/mod.ts";
import { KINDS, type StorePlan, windowsOf } from "../lib/distill/store/manifest.ts";
import { MOST_DRAWS } from "../lib/distill/store/records.ts";
import { StoreWriter } from "../lib/distill/store/writer.ts";
import { shardWindows, teach } from "../lib/distill/teach.ts";
import { machineOptions } from "../lib/io/machine.ts";
import { runTask } from "../lib/io/terminal.ts";
import { forwardFlopsPerToken } from "../lib/model/flops.ts";
import type { Model } from "../lib/model/model.ts";
import { prepareData } from "../lib/train/data.ts";
import { hashOf } from "../lib/train/teacher.ts";
import { readRunConfig } from "../lib/train/trainer_state.ts";
import { formatBytes, formatCount } from "../lib/units.ts";
import { corpusFields, corpusOf } from "./_corpus.ts";
import { onInterrupt } from "./_interrupt.ts";
import { openModel } from "./_model.ts";
import { quote } from "./_shell.ts";

const schema = z.strictObject({
  teacher: field(z.string().min(1), "Hugging Face folder of the teacher"),
  out: field(z.string().min(1), "folder of the store; new or empty, or with --resume a store to go on with"),
  kind: field(
    z.enum(KINDS).default("top-k"),
    "top-k, the most likely tokens and the rest of the mass, or sampled, unbiased draws",
  ),
  k: field(z.int().min(1).default(16), "tokens a position: the most likely ones, or draws with replacement"),
  temperature: field(z.number().gt(0).default(1), "what logits are divided by; that of the runs that learn from it"),
  sequence: field(z.int().min(2).optional(), "length of a window in tokens, that of the runs; the teacher's"),
  windows: field(z.int().min(0).default(0), "windows, the first ones that a run of --seed draws", { zero: "all" }),
  seed: field(z.int().min(0).max(2 ** 32 - 1).default(1), "decides the order of windows, and what is drawn"),
  batch: field(z.int().min(1).optional(), "windows a pass; as many as 2,048 tokens"),
  resume: field(z.boolean().default(false), "go on with a store that is not finished"),
  ...corpusFields,
  runs: field(z.string().min(1).default("runs"), "directory that keeps the tokens"),
  ...deviceFields,
});
const usage = `deno task teach [flags]
Ctrl-C finishes the shard under way and says how to go on; the exit code is then 130.`;
const examples = [
  "deno task teach --teacher runs/teacher/final --out stores/teacher",
  "deno task teach --teacher runs/teacher/final --out stores/sampled --kind sampled --k 50",
  "deno task teach --teacher runs/teacher/final --out stores/teacher --resume",
];

type Asked = z.output<typeof schema>;

await runTask(async (args) => {
  const flags = parseFlags(schema, args);
  if (flags.help) return console.log(help(schema, { usage, examples }));
  const asked = validate(schema, flags.values, (name) => `--${toFlag(name)}`);
  const { teacher: folder, out, resume, runs } = asked;
  using device = await openDevice(asked.device, machineOptions(asked.threads));
  console.log(`device: ${describeDevice(device)}, because ${device.reason}`);
  const { model, tokenizer } = await openModel(folder, device);
  using teacher = model;
  const { sequence: longest, vocabularySize: vocabulary } = teacher.config;
  const sequence = asked.sequence ?? longest;
  refuseUnfit(asked, sequence, teacher);
  const corpus = corpusOf(asked, await readRunConfig(folder));
  const settings = { ...corpus, sequence, out: runs, tokenizer: "train", endOfText: "", vocabulary };
  const { train } = await prepareData(settings, tokenizer, console.log);
  const plan = await planOf(asked, teacher, tokenizer, train, sequence);
  using writer = await StoreWriter.open(out, plan, teacher.tokenizerJson, resume);
  const before = windowsOf(writer.manifest);
  if (before > 0) console.log(`resuming '${out}' after ${before} of ${plan.windows} windows`);
  const batch = asked.batch ?? Math.max(1, Math.floor(2048 / sequence));
  let code = 0;
  {
    using interrupt = onInterrupt("finishing this shard; press Ctrl-C again to end at once");
    for await (const row of teach(teacher, train, writer, batch, interrupt.signal)) {
      const left = (plan.windows - row.windows) * sequence / row.tokens_per_s;
      console.log(
        `${row.windows} of ${plan.windows} windows, ${formatCount(Math.round(row.tokens_per_s))} tokens/s, ` +
          `${formatBytes(row.bytes)}, ${formatDuration(left)} left`,
      );
    }
    if (windowsOf(writer.manifest) < plan.windows) code = interrupt.code;
  }
  const { bytesPerToken } = writer.manifest;
  const done = windowsOf(writer.manifest);
  if (code) {
    console.log(`stopped after ${done} of ${plan.windows} windows; continue with the same command and --resume`);
    return code;
  }
  const tokens = done * sequence;
  console.log(
    `${formatCount(done)} windows of ${sequence} tokens, ${bytesPerToken.toFixed(2)} bytes a token, ` +
      `${formatBytes(bytesPerToken * tokens)}; the teacher took ${
        (plan.teacher.flopsPerToken * tokens).toExponential(3)
      } FLOPs`,
  );
  console.log(`done: the store is in '${out}'; learn from it: ${trainingCommand(asked, sequence)}`);
});

function refuseUnfit({ teacher: folder, k, kind }: Asked, sequence: number, { config }: Model): void {
  const refuse = (flag: string, rule: string, found: unknown) => {
    throw new UsageError(`Cannot teach from '${folder}': --${flag} must be ${rule}, found ${found}; lower it`);
  };
  if (sequence > config.sequence) refuse("sequence", `at most the teacher's ${config.sequence}`, sequence);
  if (kind === "sampled" && k > MOST_DRAWS) refuse("k", `at most ${MOST_DRAWS} draws`, k);
  if (k > config.vocabularySize) refuse("k", `at most the vocabulary's ${config.vocabularySize}`, k);
}

async function planOf(
  { kind, k, seed, temperature, windows: wanted }: Asked,
  teacher: Model,
  { hash: tokenizerHash, endOfText }: Tokenizer,
  tokens: TokenArray,
  sequence: number,
): Promise<StorePlan> {
  const all = Math.floor((tokens.length - 1) / sequence);
  if (wanted > all) {
    throw new UsageError(
      `Cannot use --windows: must be at most the split's ${all} of ${sequence} tokens, found ${wanted}; lower it, or ` +
        "leave it out for all",
    );
  }
  const windows = wanted || all;
  const bytes = new Uint8Array(tokens.buffer as ArrayBuffer, tokens.byteOffset, tokens.byteLength);
  return {
    teacher: {
      hash: await hashOf(await teacher.parameters()),
      flopsPerToken: forwardFlopsPerToken(teacher.config, sequence),
    },
    tokenizerHash,
    endOfText: endOfText!,
    vocabularySize: teacher.config.vocabularySize,
    tokensHash: await sha256(bytes),
    sequence,
    ...{ temperature, kind, k, seed, windows, shardWindows: shardWindows(windows, sequence) },
  };
}

function trainingCommand({ out, temperature }: Asked, sequence: number): string {
  const at = temperature === 1 ? "" : ` --temperature ${temperature}`;
  return `deno task pretrain --teacher ${quote(out)} --sequence ${sequence}${at}`;
}
