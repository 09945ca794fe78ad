/**
 * Texts in pictures: what room they take, and what is left out of long ones.
 *
 * @module
 */

/** About what a letter of 13 pixels takes, in pixels. */
export const LETTER = 7.2;

/** Returns about how many pixels the longest of the texts takes; none takes none. */
export function longestOf(texts: readonly string[]): number {
  return LETTER * Math.max(0, ...texts.map(({ length }) => length));
}

/** Leaves out the middle of a text that is longer than `most` letters: names often differ at both ends. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = Math.ceil((most - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (most - 1 - head))}`;
}

/** Leaves out the end of a line that is wider than `width` pixels. */
export function truncate(line: string, width: number): string {
  const most = Math.floor(width / LETTER);
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
