/**
 * Corpora of text files.
 *
 * @module
 */

import type { Document } from "../data/document.ts";
import { cutIntoBlocks } from "../data/text_blocks.ts";
import { readUtf8 } from "./corpus_utf8.ts";
import { FileError, withFile } from "./file_error.ts";

/**
 * Reads one text file: cut into blocks, or with a separator, the pieces between its occurrences.
 *
 * @throws {FileError} If it cannot be read or is not UTF-8, or if the separator is empty.
 */
export async function readTextFile(path: string, separator?: string): Promise<Document[]> {
  if (separator === "") throw new FileError("read", path, "'separator' must not be empty; leave it out for blocks");
  const text = await readUtf8(path);
  if (separator === undefined) return cutIntoBlocks(path, text);
  return text.split(unescape(separator)).map((piece, i) => ({
    id: `${path}#${i + 1}`,
    text: piece.replace(/^[\r\n]+|[\r\n]+$/g, ""),
  }));
}

/**
 * Reads the `.txt` and `.md` files in a folder and the folders in it, sorted by path.
 *
 * Links to files are followed, links to folders are not, so that no file is read twice in a circle.
 *
 * @throws {FileError} If there is no such file, or one cannot be read or is not UTF-8.
 */
export async function readFolder(folder: string): Promise<Document[]> {
  const paths = await listTexts(folder, "");
  if (paths.length === 0) {
    throw new FileError("read", folder, "a folder must hold .txt or .md files, found none; check the path");
  }
  const documents: Document[] = [];
  for (const path of paths.sort()) documents.push({ id: path, text: await readUtf8(`${folder}/${path}`) });
  return documents;
}

async function listTexts(folder: string, prefix: string): Promise<string[]> {
  const entries = await withFile(
    "read",
    `${folder}/${prefix}`,
    () => Array.fromAsync(Deno.readDir(`${folder}/${prefix}`)),
  );
  const paths: string[] = [];
  for (const { name, isDirectory } of entries) {
    const path = prefix + name;
    if (isDirectory) paths.push(...await listTexts(folder, `${path}/`));
    else if (/\.(txt|md)$/i.test(name) && await isFile(`${folder}/${path}`)) paths.push(path);
  }
  return paths;
}

async function isFile(path: string): Promise<boolean> {
  return (await withFile("read", path, () => Deno.stat(path))).isFile;
}

function unescape(separator: string): string {
  return separator.replaceAll("\\n", "\n").replaceAll("\\t", "\t");
}
