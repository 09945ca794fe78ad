/**
 * Measures a model's loss on the validation split of a corpus.
 *
 *   deno task evaluate runs/small/final
 */

import { z } from "zod";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { UsageError } from "../lib/cli/usage_error.ts";
import { validate } from "../lib/cli/validate.ts";
import { openDevice } from "../lib/devices/mod.ts";
import { Evaluator } from "../lib/evaluate/loss.ts";
import { loadModel } from "../lib/io/model_folder.ts";
import { runTask } from "../lib/io/terminal.ts";
import { prepareData } from "../lib/train/data.ts";

const schema = z.strictObject({
  folder: field(z.string().min(1), "Hugging Face folder of the model"),
  corpus: field(z.string().min(1).default("sotu"), "sotu, a text file, a folder, or JSON Lines"),
  field: field(z.string().min(1).default("text"), "field of a JSON Lines corpus that holds the text"),
  separator: field(z.string().default(""), "what stands between the documents of a text file"),
  validationFraction: field(z.number().gt(0).max(0.5).default(0.05), "share of the documents kept for validation"),
  splitSeed: field(z.int().min(0).max(2 ** 32 - 1).default(0), "selects them; as in training"),
  tokens: field(z.int().min(0).default(0), "tokens to measure on", { zero: "all" }),
  sequence: field(z.int().min(0).default(0), "length of a window", { unit: "tokens", zero: "the model's" }),
  batch: field(z.int().min(1).default(8), "sequences a pass"),
  out: field(z.string().min(1).default("runs"), "directory that keeps the tokens"),
  json: field(z.boolean().default(false), "print one JSON object"),
});
const positionals = ["folder"];
const usage = "deno task evaluate <folder> [flags]";
const examples = [
  "deno task evaluate runs/small/final",
  "deno task evaluate runs/small/final --corpus speeches/ --json",
  "deno task evaluate runs/small/final --tokens 20k --sequence 64",
];

await runTask(async (args) => {
  const flags = parseFlags(schema, args, { positionals });
  if (flags.help) return console.log(help(schema, { usage, examples, positionals }));
  const { folder, tokens: limit, batch, json, ...fields } = validate(schema, flags.values);
  using device = await openDevice("auto");
  using model = await loadModel(folder, device);
  if (model.tokenizerJson === undefined) {
    throw new UsageError(`Cannot evaluate '${folder}': it must hold a tokenizer.json, found none; add the model's`);
  }
  const vocabulary = model.config.vocabularySize;
  const say = json ? () => {} : console.log;
  const data = await prepareData({ ...fields, tokenizer: "train", vocabulary }, model.tokenizerJson, say);
  const sequence = fields.sequence || model.config.sequence;
  const { validation: tokens, bytesPerToken, baselines } = data;
  using evaluator = await Evaluator.create(model, {
    tokens,
    bytesPerToken,
    batch,
    sequence,
    ...(limit > 0 && { limit }),
  });
  const result = await evaluator.evaluate();
  if (json) return console.log(JSON.stringify({ folder, device: device.name, ...result, baselines }));
  const { loss, perplexity, bitsPerByte } = result;
  console.log(
    `${folder}: loss ${loss.toFixed(4)} nats, perplexity ${perplexity.toFixed(2)}, ${
      bitsPerByte.toFixed(4)
    } bits per ` +
      `byte on ${result.tokens.toLocaleString("en-US")} tokens (unigram ${baselines.unigram.bitsPerByte.toFixed(4)}, ` +
      `bigram ${baselines.bigram.bitsPerByte.toFixed(4)})`,
  );
});
