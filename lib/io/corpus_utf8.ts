/**
 * Text that must be UTF-8.
 *
 * @module
 */

import { FileError, withFile } from "./file_error.ts";

const NEWLINE = 0x0a;
/** The longest string that V8 can hold, in UTF-16 code units; never more than the bytes of its UTF-8. */
const LONGEST_STRING = 2 ** 29 - 24;

/**
 * Reads a file as UTF-8; a byte order mark is dropped.
 *
 * @throws {FileError} If it cannot be read, is longer than a string can be, or is not UTF-8.
 */
export async function readUtf8(path: string): Promise<string> {
  const { size } = await withFile("read", path, () => Deno.stat(path));
  if (size > LONGEST_STRING) {
    throw new FileError(
      "read",
      path,
      `a text must have at most ${LONGEST_STRING} bytes, found ${size}; cut it into several files or use JSON Lines`,
    );
  }
  const bytes = await withFile("read", path, () => Deno.readFile(path));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw notUtf8(path, badLine(bytes));
  }
}

/**
 * Reads a UTF-8 file line by line, without the line ends, however long the file is.
 *
 * @throws {FileError} If it cannot be read, or a line is not UTF-8.
 */
export async function* readLines(path: string): AsyncGenerator<string> {
  using file = await withFile("read", path, () => Deno.open(path));
  const block = new Uint8Array(1 << 20);
  let decoder = new TextDecoder("utf-8", { fatal: true });
  let line = "", number = 1;
  const decode = (bytes: Uint8Array<ArrayBuffer>, stream: boolean): string => {
    try {
      return decoder.decode(bytes, { stream });
    } catch {
      throw notUtf8(path, number);
    }
  };
  while (true) {
    const count = await withFile("read", path, () => file.read(block));
    if (count === null) break;
    let start = 0;
    for (let end = block.indexOf(NEWLINE); end >= 0 && end < count; end = block.indexOf(NEWLINE, start)) {
      yield line + decode(block.subarray(start, end), false);
      // A byte order mark is dropped at the start of the file only.
      if (number === 1) decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      line = "";
      number++;
      start = end + 1;
    }
    line += decode(block.subarray(start, count), true);
  }
  line += decode(new Uint8Array(), false);
  if (line !== "") yield line;
}

/** Returns the number of the first line that is not UTF-8; no character's bytes hold a line end. */
function badLine(bytes: Uint8Array<ArrayBuffer>): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let number = 1;
  for (let start = 0; start < bytes.length; number++) {
    const end = bytes.indexOf(NEWLINE, start);
    const stop = end < 0 ? bytes.length : end;
    try {
      decoder.decode(bytes.subarray(start, stop));
    } catch {
      break;
    }
    start = stop + 1;
  }
  return number;
}

function notUtf8(path: string, line: number): FileError {
  return new FileError("read", path, `text must be UTF-8, found other bytes in line ${line}; convert the file`);
}
