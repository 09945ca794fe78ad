import type { Document } from "../data/document.ts";
import { isObject } from "../unknown.ts";
import { readLines } from "./corpus_utf8.ts";
import { FileError } from "./file_error.ts";

/**
 * Reads a document a line from JSON Lines; blank lines are skipped.
 *
 * @param field The name of the string that is the text.
 * @throws {FileError} If the file cannot be read, or a line is not UTF-8, not a JSON object, or has no such text.
 */
export async function readJsonLines(path: string, field: string): Promise<Document[]> {
  const documents: Document[] = [];
  let number = 0;
  for await (const line of readLines(path)) {
    number++;
    if (line.trim() !== "") documents.push({ id: `${path}:${number}`, text: textOf(line, field, path, number) });
  }
  return documents;
}

function textOf(line: string, field: string, path: string, number: number): string {
  const record = parse(line, path, number);
  if (!isObject(record)) {
    throw new FileError("read", path, `line ${number} must be a JSON object, found ${line.slice(0, 40)}`);
  }
  const text: unknown = Object.hasOwn(record, field) ? record[field] : undefined;
  if (typeof text === "string") return text;
  const found = text === undefined
    ? `only ${Object.keys(record).map((name) => `'${name}'`).join(", ") || "an empty object"}`
    : JSON.stringify(text).slice(0, 40);
  throw new FileError(
    "read",
    path,
    `line ${number} must have its text as a string in the field '${field}', found ${found}; ` +
      "name the field with --field",
  );
}

function parse(line: string, path: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new FileError("read", path, `line ${number} must be JSON, found ${line.slice(0, 40)}`, error);
  }
}
