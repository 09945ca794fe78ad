/**
 * The byte level of GPT-2's tokenizer (Radford et al., 2019): text is cut into words, and a word is its UTF-8 bytes,
 * each written as one printable character so that vocabularies stay readable JSON.
 *
 * @module
 */

const WORD_PATTERN = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

const encoder = new TextEncoder();

/** Cuts a text into words, over whose borders no pair is ever merged; the words in order give the text. */
export function splitIntoWords(text: string): readonly string[] {
  return text.match(WORD_PATTERN) ?? [];
}

/** Returns the UTF-8 bytes of a text; a lone surrogate becomes U+FFFD. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/**
 * The character that stands for each of the 256 bytes: printable bytes of Latin-1 stand for themselves, the other 68 in
 * order are the characters from U+0100 on.
 */
export const byteCharacters: readonly string[] = makeByteCharacters();

function makeByteCharacters(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
    return String.fromCharCode(isPrintable ? byte : next++);
  });
}
