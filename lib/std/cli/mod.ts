/**
 * The standard library's flag parser, from npm's copy of the same sources, with the types that the copy lacks.
 *
 * `deno.json` links `jsr:@std/cli` to this package, so that a machine without JSR can work; dropping `links` there
 * takes the original.
 *
 * @module
 */

// @ts-types="./types.d.ts"
export * from "npm:deno-std@1.4.0/cli/parse_args.js";
