/**
 * Hashes of bytes, and the one text of a JSON value to take them of.
 *
 * @module
 */

import { isObject } from "../unknown.ts";

/** Returns the SHA-256 of bytes as 64 hexadecimal digits. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Writes a SHA-256 as people compare it: its kind and its first 12 digits. */
export function shortHash(sha256: string): string {
  return `SHA-256 ${sha256.slice(0, 12)}`;
}

/** Writes a JSON value with sorted keys and no spaces, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (!isObject(inner)) return inner;
    const entries = Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1);
    return Object.fromEntries(entries);
  });
}
