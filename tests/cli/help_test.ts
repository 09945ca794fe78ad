import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { z } from "zod";
import { field, fieldsOf } from "../../lib/cli/fields.ts";
import { help } from "../../lib/cli/help.ts";
import { parseFlags } from "../../lib/cli/flags.ts";
import { pretrainSchema, resolveConfig } from "../../lib/train/config.ts";

const examples = [
  "deno task pretrain",
  "deno task pretrain --preset 14m --tokens 10M --name first",
  "deno task pretrain --resume",
];
const text = help(pretrainSchema, { usage: "deno task pretrain [flags]", examples, configFile: true });

Deno.test("the help of pretrain begins with three lines that can be run as they are", () => {
  assertEquals(text.split("\n").slice(0, 3), examples);
  for (const line of examples) {
    const { values } = parseFlags(pretrainSchema, line.split(" ").slice(3));
    resolveConfig({}, { flags: values });
  }
});

Deno.test("the help lists every field with a description, in the groups of the schema", () => {
  for (const { flag, kind, description, default: preset } of fieldsOf(pretrainSchema)) {
    assert(description.length > 0, flag);
    assertStringIncludes(text, kind === "boolean" && preset !== false ? `\n  --[no-]${flag} ` : `\n  --${flag} `);
  }
  const titles = text.split("\n").filter((line) => /^[A-Z]/.test(line));
  assertEquals(titles, [
    "Run",
    "Model",
    "Data",
    "Optimisation",
    "Distillation",
    "Evaluation",
    "Output",
    "Runtime",
    "Always",
  ]);
});

Deno.test("the help names defaults, the meaning of 0 and of auto, choices and units", () => {
  const lines = text.replace(/\n {10,}/g, " ").split("\n").map((line) => line.trim().replace(/\s+/g, " "));
  assert(lines.includes("--beta2 <number> decay of AdamW's second moment; default 0.95"));
  assert(lines.includes("--keep <number> checkpoints kept, the newest; 0: all; default 2"));
  assert(
    lines.includes(
      "--device <auto|webgpu|cpu> what computes; default auto: a hardware GPU where there is one, else the CPU",
    ),
  );
  assert(
    lines.includes("--eval-tokens <number> size of a validation, in tokens; default auto: 3% of the training budget"),
  );
  assert(
    lines.includes("--schedule <text> what follows the warm-up; one of cosine, linear, constant, wsd; default cosine"),
  );
});

Deno.test("the help says of a list that its flag may be given several times, but not of one by position", () => {
  const lists = z.strictObject({
    files: field(z.array(z.string()), "files"),
    rates: field(z.array(z.string()), "rates"),
  });
  const lines = help(lists, { usage: "task", examples: [], positionals: ["files"] }).split("\n");
  assert(lines.some((line) => /^ {2}<files>\.\.\. +files$/.test(line)));
  assert(lines.some((line) => /^ {2}--rates <text> +rates; may be given several times$/.test(line)));
});

Deno.test("no line of the help is wider than 112 characters", () => {
  for (const line of text.split("\n")) assert(line.length <= 112 && line === line.trimEnd(), line);
});
