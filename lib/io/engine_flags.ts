/**
 * The flags of V8 that new processes should start with.
 *
 * @module
 */

import { WIDE_FLAGS } from "./machine.ts";

/** What every V8 does without a flag: the variable must not be empty. */
const NO_CHANGE = "--wasm-bounds-checks";

/**
 * Returns the value of DENO_V8_FLAGS with which the CPU device is fastest, after a try whether V8 knows the flags: a
 * process that meets one which its V8 does not know ends.
 */
export function engineFlags(): string {
  const { DENO_V8_FLAGS: _, ...env } = Deno.env.toObject();
  const { success } = new Deno.Command(Deno.execPath(), {
    args: ["eval", `--v8-flags=${WIDE_FLAGS.join()}`, ""],
    clearEnv: true,
    env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).outputSync();
  return success ? WIDE_FLAGS.join() : NO_CHANGE;
}
