import type { Document } from "./document.ts";

const BLOCKS = 200;
const SMALLEST_BLOCK = 1024;

/**
 * Cuts one text into consecutive blocks, so that a corpus of a single text can be split into train and validation.
 *
 * A block has a 200th of the text's length, but at least 1,024 UTF-16 code units; it ends after its last line end, or
 * else after its last space, or else between two characters. The blocks in order give the text.
 *
 * @param id Block number `i` is called `<id>#<i>`, counted from 1.
 */
export function cutIntoBlocks(id: string, text: string): Document[] {
  const size = Math.max(SMALLEST_BLOCK, Math.ceil(text.length / BLOCKS));
  const blocks: Document[] = [];
  for (let start = 0; start < text.length;) {
    const end = start + size < text.length ? blockEnd(text, start, start + size) : text.length;
    blocks.push({ id: `${id}#${blocks.length + 1}`, text: text.slice(start, end) });
    start = end;
  }
  return blocks;
}

function blockEnd(text: string, start: number, limit: number): number {
  for (const boundary of ["\n", " "]) {
    const end = text.lastIndexOf(boundary, limit - 1) + 1;
    if (end > start) return end;
  }
  const isBetweenSurrogates = (text.codePointAt(limit - 1) ?? 0) > 0xffff;
  return isBetweenSurrogates ? limit - 1 : limit;
}
