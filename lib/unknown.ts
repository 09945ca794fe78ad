/**
 * Values that came from outside: what they are, and how errors show them.
 *
 * @module
 */

const LONGEST = 80;

/** Tells whether a value is an object with named fields, and neither null nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Shows a value in an error: as JSON, cut to 80 characters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { show } from "./unknown.ts";
 *
 * assertEquals([show("a"), show(NaN), show(undefined)], ['"a"', "NaN", "nothing"]);
 * ```
 */
export function show(value: unknown): string {
  const text = spell(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text;
}

function spell(value: unknown): string {
  if (value === undefined) return "nothing";
  // JSON has neither NaN nor infinities nor big integers.
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  return JSON.stringify(value) ?? String(value);
}
