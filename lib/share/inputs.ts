/**
 * What a run reads besides the project, as its config names it.
 *
 * @module
 */

import { canonicalJson, sha256 } from "../data/hash.ts";
import type { PackedInput } from "./manifest.ts";

/** Words in place of a path, by field. */
const WORDS: Readonly<Record<PackedInput["field"], readonly string[]>> = {
  corpus: ["sotu"],
  tokenizer: ["train"],
  init: ["auto", "random", "search", "importance"],
  teacher: ["auto", "none"],
  cutFrom: ["auto"],
};

/** The fields of a config that may name a file or a folder. */
export const inputFields = Object.keys(WORDS) as readonly PackedInput["field"][];

/** Lists the files and folders that a config names, each under its field; a model that is the teacher too, under that. */
export function inputsOf(config: Readonly<Record<string, unknown>>): Pick<PackedInput, "field" | "given">[] {
  return inputFields.flatMap((field) => {
    const given = config[field];
    if (field === "cutFrom" && given === config["teacher"]) return [];
    return typeof given === "string" && !WORDS[field].includes(given) ? [{ field, given }] : [];
  });
}

/** Tells whether a run reads a file of a folder that a field names. */
export function isRead(field: PackedInput["field"], path: string): boolean {
  if (field === "corpus") return /\.(txt|md)$/i.test(path);
  // A checkpoint is a model too; what it remembers of its own training is of no use to others.
  return path !== "optimizer.safetensors" && path !== "trainer.json";
}

/**
 * Returns the SHA-256 of an input: a file's own, or of the paths and hashes of a folder's files.
 *
 * @param files With paths from the folder, or one with the path `""`.
 */
export async function hashInput(files: readonly { readonly path: string; readonly sha256: string }[]): Promise<string> {
  if (files.length === 1 && files[0]!.path === "") return files[0]!.sha256;
  return await sha256(new TextEncoder().encode(canonicalJson(files.map(({ path, sha256 }) => [path, sha256]))));
}
