/**
 * Continues a prompt with a model.
 *
 *   deno task generate runs/small/final --prompt "The American people"
 */

import { z } from "zod";
import { deviceFields } from "../lib/cli/device_fields.ts";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { openDevice } from "../lib/devices/mod.ts";
import { machineOptions } from "../lib/io/machine.ts";
import { runTask } from "../lib/io/terminal.ts";
import { generateText } from "../lib/model/generate_text.ts";
import { openModel } from "./_model.ts";

const schema = z.strictObject({
  folder: field(z.string().min(1), "Hugging Face folder of the model"),
  prompt: field(z.string().default(""), "what the text continues; empty begins a new document"),
  tokens: field(z.int().min(1).default(64), "length of the continuation", { unit: "tokens" }),
  temperature: field(z.number().min(0).default(0.8), "divides the logits", { zero: "always the most likely token" }),
  topK: field(z.int().min(0).default(50), "chooses among this many most likely tokens", { zero: "all" }),
  seed: field(z.int().min(0).max(2 ** 32 - 1).default(1), "seed of the choice"),
  ...deviceFields,
});
const positionals = ["folder"];
const usage = "deno task generate <folder> [flags]";
const examples = [
  'deno task generate runs/small/final --prompt "The American people"',
  "deno task generate runs/small/final --temperature 0 --tokens 100",
  'deno task generate runs/small/final --prompt "We must" --seed 7 --top-k 0',
];

await runTask(async (args) => {
  const flags = parseFlags(schema, args, { positionals });
  if (flags.help) return console.log(help(schema, { usage, examples, positionals }));
  const { folder, prompt, device: kind, threads, ...options } = validate(schema, flags.values, flagNames(positionals));
  using device = await openDevice(kind, machineOptions(threads));
  const { model, tokenizer } = await openModel(folder, device);
  console.log(prompt + await generateText(model, tokenizer, prompt, options));
});
