/**
 * Repeats what was packed and says which numbers agree bit for bit, which within a tolerance, and which do not.
 *
 *   deno task rerun student.tar.gz
 *
 * Exit codes: 0 all numbers agree, 1 some do not or it could not be repeated, 2 wrong usage, 130 stopped by Ctrl-C.
 */

import { z } from "zod";
import { deviceFields } from "../lib/cli/device_fields.ts";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import type { Progress } from "../lib/cli/progress.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { readBytes } from "../lib/io/files.ts";
import { openProgress, runTask } from "../lib/io/terminal.ts";
import { agrees, describeComparison } from "../lib/share/comparison.ts";
import { inputFields } from "../lib/share/inputs.ts";
import { rerun } from "../lib/share/rerun.ts";
import { onInterrupt } from "./_interrupt.ts";

const { device } = deviceFields;
const input = (what: string) => field(z.string().min(1).optional(), `${what}, where it was too large to pack`);

const schema = z.strictObject({
  package: field(z.string().min(1), "what deno task share wrote"),
  out: field(z.string().min(1).default("auto"), "new folder to work in", { auto: "reruns/<name of the package>" }),
  tolerance: field(z.number().min(0).default(1e-3), "how far numbers may be apart, as a share of the larger one"),
  force: field(z.boolean().default(false), "repeat it although the lock file is another one"),
  ...{ corpus: input("the corpus"), tokenizer: input("the tokenizer") },
  ...{ init: input("the folder that training begins from"), teacher: input("the teacher") },
  cutFrom: input("the model that the student is cut out of"),
  device: field(device.removeDefault().optional(), "what computes; as in the package"),
  threads: deviceFields.threads,
  quick: field(z.boolean().optional(), "execute a notebook in small; else as it is meant, if it holds results of that"),
  quiet: field(z.boolean().default(false), "print nothing but the comparison"),
});
const positionals = ["package"];
const usage = `deno task rerun <package> [flags]
Runs on one kind of device and one version of the project agree bit for bit; on others, within the tolerance.`;
const examples = [
  "deno task rerun student.tar.gz",
  "deno task rerun small.tar.gz --device webgpu --tolerance 1e-3",
  "deno task rerun big.tar.gz --teacher teachers/big --out reruns/big",
];

await runTask(async (args) => {
  const flags = parseFlags(schema, args, { positionals });
  if (flags.help) return console.log(help(schema, { usage, examples, positionals }));
  const { package: path, out: given, quiet, ...options } = validate(schema, flags.values, flagNames(positionals));
  const out = given === "auto" ? `reruns/${path.split("/").at(-1)!.replace(/\.tar\.gz$/, "")}` : given;
  const say = quiet ? () => {} : (line: string) => console.log(line);
  const inputs = Object.fromEntries(inputFields.map((field) => [field, options[field]]));
  using interrupt = onInterrupt("finishing what is under way; press Ctrl-C again to end at once");
  using cleanup = new DisposableStack();
  let progress: Progress | undefined;
  const listeners = { notice: say, warn: console.warn, signal: interrupt.signal };
  for await (const record of rerun(await readBytes(path), path, { ...options, ...listeners, out, inputs })) {
    if (record.stage === "open") { for (const { text } of record.differences) console.warn(text); }
    if (record.stage === "compare") {
      cleanup.dispose();
      const { agreements } = record;
      describeComparison(agreements).forEach((line) => console.log(line));
      const all = agrees(agreements);
      console.log(`${all ? "done: all numbers agree" : "failed: not all numbers agree"}; the run is in '${out}/rerun'`);
      return all ? 0 : 1;
    }
    if (record.stage !== "run") continue;
    if (record.record.stage === "begin") progress = cleanup.use(openProgress(record.record.steps, { quiet }));
    if (record.record.stage === "train") progress!.row(record.record.row);
  }
  console.log(`stopped; what was done is in '${out}/rerun'`);
  return interrupt.code;
});
