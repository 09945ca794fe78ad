/**
 * Byte-pair encoding of text.
 *
 * @module
 */

import { BinaryHeap } from "./binary_heap.ts";
import { bytesOf, splitIntoWords } from "./byte_level.ts";

const NONE = -1;
const LONGEST_CACHED_WORD = 256;
const CACHED_WORDS = 2 ** 17;

/** The rules of a byte-level byte-pair encoding, in token ids. */
export interface MergeRules {
  /** The token of each of the 256 bytes. */
  readonly byteTokens: readonly number[];
  /** Two neighbouring tokens and the one they become; earlier rules apply first. */
  readonly merges: readonly (readonly [left: number, right: number, merged: number])[];
}

/** Encodes text word by word with byte-pair merges, and remembers the words it has met. */
export class BytePairEncoder {
  readonly #byteTokens: readonly number[];
  readonly #merged: number[] = [];
  readonly #ranks = new Map<number, number>();
  readonly #keyBase: number;
  readonly #cache = new Map<string, readonly number[]>();

  constructor({ byteTokens, merges }: MergeRules) {
    this.#byteTokens = byteTokens;
    const tokens = [...byteTokens, ...merges.map(([, , merged]) => merged)];
    this.#keyBase = 1 + tokens.reduce((a, b) => Math.max(a, b));
    for (const [left, right, merged] of merges) {
      // A later rule of the same pair wins, as in a map from pairs to ranks.
      this.#ranks.set(left * this.#keyBase + right, this.#merged.push(merged) - 1);
    }
  }

  /** Returns the tokens of a text; special tokens have no meaning here. */
  encode(text: string): number[] {
    const output: number[] = [];
    for (const word of splitIntoWords(text)) {
      let tokens = this.#cache.get(word);
      if (tokens === undefined) {
        tokens = this.#encodeWord(word);
        if (word.length <= LONGEST_CACHED_WORD) {
          if (this.#cache.size === CACHED_WORDS) this.#cache.clear();
          this.#cache.set(word, tokens);
        }
      }
      for (const token of tokens) output.push(token);
    }
    return output;
  }

  /** Merges the pair of lowest rank, the leftmost first, until no rule applies; O(n log n) in the word's bytes. */
  #encodeWord(word: string): number[] {
    const tokens = Array.from(bytesOf(word), (byte) => this.#byteTokens[byte]!);
    const length = tokens.length;
    const next = tokens.map((_, i) => i + 1 < length ? i + 1 : NONE);
    const previous = tokens.map((_, i) => i - 1);
    const rankAt = (position: number): number | undefined =>
      this.#ranks.get(tokens[position]! * this.#keyBase + tokens[next[position]!]!);

    const queue = new BinaryHeap<number>((a, b) => a < b);
    const enqueue = (position: number): void => {
      if (position === NONE || next[position] === NONE) return;
      const rank = rankAt(position);
      if (rank !== undefined) queue.push(rank * length + position);
    };
    for (let position = 0; position < length; position++) enqueue(position);

    for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
      const position = entry % length, rank = Math.floor(entry / length);
      // The pair seen when the entry was made may have been merged otherwise since.
      if (tokens[position] === NONE || next[position] === NONE || rankAt(position) !== rank) continue;
      const second = next[position]!;
      const after = next[second]!;
      tokens[position] = this.#merged[rank]!;
      tokens[second] = NONE;
      next[position] = after;
      if (after !== NONE) previous[after] = position;
      enqueue(previous[position]!);
      enqueue(position);
    }
    return tokens.filter((token) => token !== NONE);
  }
}
