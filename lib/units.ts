/**
 * Quantities as people read them.
 *
 * @module
 */

const prefixes = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Formats a whole number with commas between thousands: `1,048,576`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** Formats a number of things, one of them in the singular: `1 seed`, `1,024 seeds`. */
export function counted(count: number, thing: string, things = `${thing}s`): string {
  return `${formatCount(count)} ${count === 1 ? thing : things}`;
}

/** Formats a share as a percentage with one decimal: `12.5%` for 0.125. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** Formats milliseconds with three significant digits, without an exponent: `3.21 ms`. */
export function formatMilliseconds(milliseconds: number): string {
  return `${milliseconds.toLocaleString("en-US", { maximumSignificantDigits: 3 })} ms`;
}

/**
 * Formats a number of bytes in the largest binary unit that leaves at least one, with at most one decimal.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatBytes } from "./units.ts";
 *
 * assertEquals(formatBytes(134_217_728), "128 MiB");
 * ```
 */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), prefixes.length - 1);
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${prefixes[power]}`;
}
