/**
 * What `deno check` says of code.
 *
 * @module
 */

/** Something that is wrong with the code. */
export interface TypeMistake {
  /** The module, as a URL. */
  readonly url: string;
  /** Line in the module, from 1. */
  readonly line: number;
  /** What is wrong, on one line, with TypeScript's number where it has one. */
  readonly message: string;
}

/** Reads the mistakes out of the words of `deno check`, which must be without colours. */
export function parseMistakes(words: string): TypeMistake[] {
  const mistakes: TypeMistake[] = [];
  let message: string | undefined;
  for (const line of words.split("\n")) {
    const [, number = "", text] = /^(?:(TS\d+) \[ERROR\]|error): (.*)$/.exec(line) ?? [];
    if (text !== undefined) message = `${number} ${text}`.trim();
    const [, url, row] = /^ +at (\w+:\S+?):(\d+):\d+$/.exec(line) ?? [];
    if (!url || message === undefined) continue;
    mistakes.push({ url, line: Number(row), message });
    message = undefined; // further places explain the first one
  }
  return mistakes;
}
