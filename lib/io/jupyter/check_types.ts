/**
 * The types of cells.
 *
 * @module
 */

import { basename, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describeCell, type Notebook } from "../../notebook/document.ts";
import { parseMistakes } from "../../notebook/type_mistakes.ts";
import { joinCells, type JoinedCells } from "../../notebook/typescript.ts";
import { remove, writeNew } from "../files.ts";

/** Something that is wrong with a notebook's code. */
export interface CellMistake {
  /** Index of the cell; nothing for a mistake in a module that cells import. */
  readonly cell?: number;
  /** Where it is, without the line. */
  readonly place: string;
  /** The line there, and what is wrong with it. */
  readonly reason: string;
}

/**
 * Checks the types of a notebook's code with `deno check`, as one module beside the notebook for as long as that takes.
 *
 * @param last Index of the last cell that is checked. @default the last one
 * @throws {Error} If Deno fails without naming a place.
 */
export async function checkTypes(notebook: Notebook, path: string, last?: number): Promise<CellMistake[]> {
  const file = resolve(dirname(path), `.${basename(path)}.${crypto.randomUUID().slice(0, 8)}.ts`);
  const joined = joinCells(notebook, last);
  try {
    await writeNew(file, joined.text);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", file],
      cwd: dirname(file),
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
    }).output();
    return success ? [] : mistakesIn(notebook, joined, file, new TextDecoder().decode(stderr));
  } finally {
    await remove(file);
  }
}

function mistakesIn(notebook: Notebook, joined: JoinedCells, file: string, words: string): CellMistake[] {
  const own = pathToFileURL(file).href;
  const mistakes = parseMistakes(words);
  if (mistakes.length === 0) throw new Error(`Cannot check types: ${words.trim().split("\n").at(0)}`);
  return mistakes.map(({ url, line, message }): CellMistake => {
    if (url !== own) return { place: url, reason: `line ${line}: ${message}` };
    const { cell, line: row } = joined.locate(line);
    return { cell, place: describeCell(notebook, cell), reason: `line ${row}: ${message}` };
  });
}
