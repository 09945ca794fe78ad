/**
 * Prints the flags of V8 with which the CPU device is fastest.
 *
 * The tasks start with `DENO_V8_FLAGS=$(deno run --quiet -A tasks/engine_flags.ts)`, because V8 takes flags only when a
 * process starts.
 */
import { engineFlags } from "../lib/io/engine_flags.ts";

console.log(engineFlags());
