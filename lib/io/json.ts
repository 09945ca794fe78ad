/**
 * JSON files.
 *
 * @module
 */

import { FileError, withFile } from "./file_error.ts";

/** Formats a value as the text of a JSON file: indented, with a final newline. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * Reads and parses a JSON file.
 *
 * @throws {FileError} If it cannot be read or is not JSON.
 */
export async function readJson(path: string): Promise<unknown> {
  const text = await withFile("read", path, () => Deno.readTextFile(path));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FileError("read", path, `it must be JSON: ${(error as Error).message.replace(/\s+/g, " ")}`, error);
  }
}
