/**
 * Prints the flags of V8 with which the CPU device is fastest.
 *
 * The tasks start with `DENO_V8_FLAGS=$(deno run --quiet -A tasks/engine_flags.ts)`, because V8 takes flags only when a
 * process starts, and because a process that meets a flag which its V8 does not know ends.
 */
import { WIDE_FLAGS } from "../lib/io/machine.ts";

/** What every V8 does without a flag: the variable must not be empty. */
const NO_CHANGE = "--wasm-bounds-checks";

const { DENO_V8_FLAGS: _, ...env } = Deno.env.toObject();
const { success } = new Deno.Command(Deno.execPath(), {
  args: ["eval", `--v8-flags=${WIDE_FLAGS.join()}`, ""],
  clearEnv: true,
  env,
  stdin: "null",
  stdout: "null",
  stderr: "null",
}).outputSync();
console.log(success ? WIDE_FLAGS.join() : NO_CHANGE);
