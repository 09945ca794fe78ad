/**
 * Measures a model's loss on the validation split of a corpus.
 *
 *   deno task evaluate runs/small/final
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
import { machineOptions } from "../lib/io/machine.ts";
import { runTask } from "../lib/io/terminal.ts";
import { prepareData } from "../lib/train/data.ts";
import { readRunConfig } from "../lib/train/trainer_state.ts";
import { formatCount } from "../lib/units.ts";
import { corpusFields, corpusOf } from "./_corpus.ts";
import { openModel } from "./_model.ts";

const schema = z.strictObject({
  folder: field(z.string().min(1), "Hugging Face folder of the model"),
  ...corpusFields,
  tokens: field(z.int().min(0).default(0), "tokens to measure on, spread over the split", { zero: "all" }),
  sequence: field(z.int().min(1).optional(), "length of a window in tokens; the model's"),
  batch: field(z.int().min(1).optional(), "sequences a pass; as in the run that wrote the folder, else 8"),
  out: field(z.string().min(1).default("runs"), "directory that keeps the tokens"),
  ...deviceFields,
  json: field(z.boolean().default(false), "print one JSON object"),
});
const positionals = ["folder"];
const usage = `deno task evaluate <folder> [flags]
With --tokens at a run's eval-tokens, a checkpoint's numbers are those of its row in the run's log.`;
const examples = [
  "deno task evaluate runs/small/final",
  "deno task evaluate runs/small/final --corpus speeches/ --json",
  "deno task evaluate runs/small/final --tokens 20k --sequence 64",
];

await runTask(async (args) => {
  const flags = parseFlags(schema, args, { positionals });
  if (flags.help) return console.log(help(schema, { usage, examples, positionals }));
  const { folder, tokens: limit, json, out, device: kind, threads, ...given } = validate(
    schema,
    flags.values,
    flagNames(positionals),
  );
  using device = await openDevice(kind, machineOptions(threads));
  const { model, tokenizer } = await openModel(folder, device);
  const run = await readRunConfig(folder);
  const { vocabularySize: vocabulary, sequence: longest } = model.config;
  const { sequence = longest, batch = run?.microBatch ?? 8 } = given;
  if (sequence > longest) {
    throw new UsageError(
      `Cannot evaluate '${folder}': --sequence must be at most the model's ${longest}, found ${sequence}; lower it`,
    );
  }
  const say = json ? () => {} : console.log;
  const source = corpusOf(given, run);
  const data = await prepareData(
    { ...source, sequence, out, tokenizer: "train", endOfText: "", vocabulary },
    tokenizer,
    say,
  );
  const { validation: tokens, bytesPerToken, baselines } = data;
  using evaluator = await Evaluator.create(model, {
    tokens,
    bytesPerToken,
    batch,
    sequence,
    ...(limit > 0 && { limit }),
  });
  const result = await evaluator.evaluate();
  if (json) {
    return console.log(JSON.stringify({ folder, corpus: source.corpus, device: device.name, ...result, baselines }));
  }
  const { loss, perplexity, bitsPerByte } = result;
  const [unigram, bigram] = [baselines.unigram, baselines.bigram].map((each) => each.bitsPerByte.toFixed(4));
  console.log(
    `${folder}: loss ${loss.toFixed(4)} nats, perplexity ${perplexity.toFixed(2)}, ${bitsPerByte.toFixed(4)} bits ` +
      `per byte on ${formatCount(result.tokens)} tokens (unigram ${unigram}, bigram ${bigram})`,
  );
});
