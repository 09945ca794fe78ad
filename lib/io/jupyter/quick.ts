/**
 * Whether a notebook runs in small.
 *
 * @module
 */

/** The environment variable that says so to a kernel. */
export const QUICK = "OFFSHOOT_QUICK";

/** Whether cells should do little: true under `deno task notebook:run --quick`, or where OFFSHOOT_QUICK is 1. */
export const quick: boolean = Deno.env.get(QUICK) === "1";
