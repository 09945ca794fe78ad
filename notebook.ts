/**
 * What notebooks need besides the library itself.
 *
 * @example Declare a result that `deno task notebook:check` compares with what the notebook holds
 * ```ts
 * import { expect, quick } from "./notebook.ts";
 *
 * expect("parameters", quick ? 1_204 : 1_350_912);
 * ```
 *
 * @module
 */

// Results that a notebook stands for, and whether it runs in small
export { expect } from "./lib/io/jupyter/expect.ts";
export { quick } from "./lib/io/jupyter/quick.ts";
