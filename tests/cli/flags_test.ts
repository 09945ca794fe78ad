import { assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import { field } from "../../lib/cli/fields.ts";
import { type FlagOptions, parseFlags } from "../../lib/cli/flags.ts";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { flagNames, validate } from "../../lib/cli/validate.ts";

const schema = z.strictObject({
  folder: field(z.string().min(1), "a checkpoint"),
  lr: field(z.union([z.literal("auto"), z.number().gt(0)]).default("auto"), "peak learning rate"),
  microBatch: field(z.int().min(1).default(8), "sequences a pass"),
  prompt: field(z.string().default("The"), "text to continue"),
  resume: field(z.string().default(""), "run to continue", { bare: "auto" }),
  tied: field(z.union([z.literal("auto"), z.boolean()]).default("auto"), "ties the embeddings"),
  quiet: field(z.boolean().default(false), "prints nothing"),
});

const values = (args: string[], options?: FlagOptions) => parseFlags(schema, args, options).values;
const refused = (args: string[], options?: FlagOptions) =>
  assertThrows(() => parseFlags(schema, args, options), UsageError).message;

Deno.test("only what is given is returned, under the names of the schema", () => {
  assertEquals(values([]), {});
  assertEquals(values(["--micro-batch", "4", "--lr=1e-3", "--prompt", "a b"]), {
    lr: 1e-3,
    microBatch: 4,
    prompt: "a b",
  });
});

Deno.test("switches are turned on, off by --no-, and set by =true and =false", () => {
  assertEquals(values(["--quiet", "--tied"]), { quiet: true, tied: true });
  assertEquals(values(["--no-quiet", "--tied=false"]), { quiet: false, tied: false });
  assertEquals(values(["--quiet", "x"], { positionals: ["folder"] }), { quiet: true, folder: "x" });
});

Deno.test("numbers may end in k, M or B", () => {
  const parsed = ["350k", "1.001k", "2B", "7", ".5", "2e3", "-3"].map((text) =>
    values(["--micro-batch", text]).microBatch
  );
  assertEquals(parsed, [350_000, 1001, 2_000_000_000, 7, 0.5, 2000, -3]);
});

Deno.test("a number that is one of several kinds of numbers, or text, is read as a number", () => {
  const weight = z.union([z.union([z.literal(0), z.number().min(1e-3)]), z.string().regex(/:/)]);
  const nested = z.strictObject({ alpha: field(weight.default(0.5), "weight") });
  const read = (text: string) => parseFlags(nested, ["--alpha", text]).values;
  assertEquals(["1", "0", "0.1:0.9"].map((text) => read(text).alpha), [1, 0, "0.1:0.9"]);
  assertEquals(validate(nested, read("1")), { alpha: 1 });
});

Deno.test("text that is no number stays text, so that the check can name the rule", () => {
  assertEquals(values(["--lr", "auto"]), { lr: "auto" });
  assertEquals(values(["--lr", "0x10", "--micro-batch", "1,5"]), { lr: "0x10", microBatch: "1,5" });
});

Deno.test("empty text is a value, a flag without its value is not", () => {
  assertEquals(values(["--prompt", ""]), { prompt: "" });
  assertEquals(values(["--prompt="]), { prompt: "" });
  assertEquals(refused(["--prompt"]), "Cannot use --prompt without a value; write --prompt=<value>");
  assertEquals(refused(["--lr", "--quiet"]), "Cannot use --lr without a value; write --lr=<value>");
});

Deno.test("a flag with a bare value takes it when it is given alone", () => {
  assertEquals(values(["--resume"]), { resume: "auto" });
  assertEquals(values(["--resume", "--quiet"]), { resume: "auto", quiet: true });
  assertEquals(values(["--resume", "runs/a"]), { resume: "runs/a" });
});

Deno.test("of a flag given twice the last value counts", () => {
  assertEquals(values(["--lr", "1", "--lr=2", "--quiet", "--no-quiet"]), { lr: 2, quiet: false });
});

Deno.test("arguments by position fill their fields in order, and one too many is refused", () => {
  assertEquals(values(["runs/7", "--quiet"], { positionals: ["folder"] }), { folder: "runs/7", quiet: true });
  assertEquals(values(["--", "--odd"], { positionals: ["folder"] }), { folder: "--odd" });
  assertEquals(
    refused(["a", "b"], { positionals: ["folder"] }),
    'Cannot use "b": the task takes <folder>; --help lists the flags',
  );
  assertEquals(refused(["a"]), 'Cannot use "a": the task takes flags only; --help lists the flags');
});

Deno.test("a list at the end takes all arguments that follow", () => {
  const lists = z.strictObject({ out: field(z.string(), "a folder"), files: field(z.array(z.string()), "files") });
  const read = (...args: string[]) => parseFlags(lists, args, { positionals: ["out", "files"] }).values;
  assertEquals(read("a", "b", "c"), { out: "a", files: ["b", "c"] });
  assertEquals(read("a", "b"), { out: "a", files: ["b"] });
  assertEquals(read("a"), { out: "a" });
  const { message } = assertThrows(() => validate(lists, read("a")), UsageError);
  assertEquals(message, "Cannot go on without 'files': files");
});

Deno.test("a list that is a flag takes the values of all its flags", () => {
  const lists = z.strictObject({
    files: field(z.array(z.string()).min(1), "files"),
    rates: field(z.array(z.number()).optional(), "rates"),
  });
  assertEquals(parseFlags(lists, ["--files", "a", "--rates=1k", "--files=b"]).values, {
    files: ["a", "b"],
    rates: [1000],
  });
  assertEquals(parseFlags(lists, []).values, {});
});

Deno.test("an unknown flag is refused with the nearest known one", () => {
  const wrong: [string, string][] = [
    ["--microBatch=4", "--microBatch: there is no such flag; did you mean --micro-batch?"],
    ["--mirco-batch=4", "--mirco-batch: there is no such flag; did you mean --micro-batch?"],
    ["--learning-rate=4", "--learning-rate: there is no such flag; did you mean --lr?"],
    ["--no-qiuet", "--no-qiuet: there is no such flag; did you mean --no-quiet?"],
    ["--dropout", "--dropout: there is no such flag; --help lists them all"],
    ["--no-lr", "--no-lr: there is no such flag; --help lists them all"],
    ["-x", "-x: there is no such flag; --help lists them all"],
    ["--quiet=maybe", '--quiet: must be true or false, found "maybe"; leave the value out for true'],
  ];
  for (const [arg, message] of wrong) assertEquals(refused([arg]), `Cannot use ${message}`);
});

Deno.test("--help and -h ask for help, --config names a file where the task has one", () => {
  assertEquals([["--help"], ["-h"], []].map((args) => parseFlags(schema, args).help), [true, true, false]);
  assertEquals(parseFlags(schema, ["--config", "a.json"], { configFile: true }).config, "a.json");
  assertEquals(refused(["--config", "a.json"]), "Cannot use --config: there is no such flag; --help lists them all");
});

Deno.test("a checked command line has its defaults, and a missing field is named with what it is", () => {
  assertEquals(validate(schema, values(["x", "--lr", "2"], { positionals: ["folder"] })), {
    folder: "x",
    lr: 2,
    microBatch: 8,
    prompt: "The",
    resume: "",
    tied: "auto",
    quiet: false,
  });
  const { message } = assertThrows(() => validate(schema, {}, (name) => `<${name}>`), UsageError);
  assertEquals(message, "Cannot go on without <folder>: a checkpoint");
});

Deno.test("what is wrong on a command line is called as it is written there", () => {
  const refusedAs = (given: Record<string, unknown>, positionals?: string[]) =>
    assertThrows(() => validate(schema, given, flagNames(positionals)), UsageError).message;
  assertEquals(refusedAs({}, ["folder"]), "Cannot go on without <folder>: a checkpoint");
  assertEquals(refusedAs({}), "Cannot go on without --folder: a checkpoint");
  const wrong = { folder: "x", microBatch: 0 };
  const reason = "Cannot use --micro-batch: must be a whole number of at least 1, found 0";
  assertEquals(refusedAs(wrong, ["folder"]), reason);
  assertEquals(refusedAs(wrong), reason);
});
