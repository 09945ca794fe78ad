/**
 * Byte-pair merges learnt from text.
 *
 * @module
 */

import { BinaryHeap } from "./binary_heap.ts";
import { bytesOf, splitIntoWords } from "./byte_level.ts";

/** Two neighbouring tokens that become one; merge number `i` of {@linkcode trainMerges} makes token `256 + i`. */
export type Merge = readonly [left: number, right: number];

/** A pair that occurs less often is not worth a token. */
const SMALLEST_PAIR_COUNT = 2;
const NONE = -1;

interface Pair {
  readonly left: number;
  readonly right: number;
  count: number;
  /** Where the pair was seen starting, in ascending order; some of these places have been merged otherwise since. */
  readonly positions: number[];
}

/**
 * Learns byte-level byte-pair merges (Sennrich et al., 2016) from texts.
 *
 * Tokens 0 to 255 are the bytes. Each step merges the most frequent pair of neighbours within words; among equally
 * frequent ones the pair with the smallest left and then the smallest right token. Counts are kept up to date around
 * each merge, so that a step costs only the places that it changes.
 *
 * No two merges spell the same bytes: what happens between two token borders does not depend on what lies outside, so
 * bytes that were once merged into a token are that token wherever they have the same borders.
 *
 * @param texts The texts, for example those of the train split.
 * @param limit How many merges to learn.
 * @returns The merges in the order in which they apply; fewer if no pair is left that occurs twice.
 */
export function trainMerges(texts: Iterable<string>, limit: number): Merge[] {
  const words = new WordTable(countWords(texts));
  const pairs = new PairTable(words, 256 + limit);
  const merges: Merge[] = [];
  while (merges.length < limit) {
    const pair = pairs.takeMostFrequent();
    if (pair === undefined) break;
    const { left, right } = pair;
    const merged = 256 + merges.length;
    merges.push([left, right]);

    const created = new Set<Pair>();
    for (const position of pair.positions) {
      const second = words.next[position]!;
      if (words.token[position] !== left || second === NONE || words.token[second] !== right) continue;
      const before = words.previous[position]!;
      const hasAfter = words.next[second] !== NONE;
      if (before !== NONE) pairs.remove(before);
      if (hasAfter) pairs.remove(second);
      words.join(position, merged);
      if (before !== NONE) created.add(pairs.add(before));
      if (hasAfter) created.add(pairs.add(position));
    }
    for (const pair of created) pairs.enqueue(pair);
  }
  return merges;
}

function countWords(texts: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const word of splitIntoWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

/** All pairs of neighbours with their counts, and a queue of those that can be merged. */
class PairTable {
  readonly #words: WordTable;
  readonly #keyBase: number;
  readonly #pairs = new Map<number, Pair>();
  readonly #queue = new BinaryHeap<{ count: number; pair: Pair }>((a, b) =>
    a.count !== b.count ? a.count > b.count : this.#key(a.pair) < this.#key(b.pair)
  );

  /**
   * Counts the pairs of all words.
   *
   * @param keyBase A number above every token.
   */
  constructor(words: WordTable, keyBase: number) {
    this.#words = words;
    this.#keyBase = keyBase;
    words.next.forEach((next, position) => {
      if (next !== NONE) this.add(position);
    });
    for (const pair of this.#pairs.values()) this.enqueue(pair);
  }

  /** Counts the pair that starts at a position. */
  add(position: number): Pair {
    const { token, next, weight } = this.#words;
    const left = token[position]!, right = token[next[position]!]!;
    const key = this.#key({ left, right });
    let pair = this.#pairs.get(key);
    if (pair === undefined) this.#pairs.set(key, pair = { left, right, count: 0, positions: [] });
    pair.count += weight[position]!;
    pair.positions.push(position);
    return pair;
  }

  /** Takes the pair that starts at a position out of the counts. */
  remove(position: number): void {
    const { token, next, weight } = this.#words;
    const key = this.#key({ left: token[position]!, right: token[next[position]!]! });
    this.#pairs.get(key)!.count -= weight[position]!;
  }

  /** Queues a pair, whose count can only fall from now on. */
  enqueue(pair: Pair): void {
    if (pair.count >= SMALLEST_PAIR_COUNT) this.#queue.push({ count: pair.count, pair });
  }

  /** Removes and returns the pair to be merged next. */
  takeMostFrequent(): Pair | undefined {
    for (let entry = this.#queue.pop(); entry !== undefined; entry = this.#queue.pop()) {
      if (entry.count === entry.pair.count) return entry.pair;
      this.enqueue(entry.pair);
    }
    return undefined;
  }

  #key({ left, right }: { left: number; right: number }): number {
    return left * this.#keyBase + right;
  }
}

/** Every different word once, as a linked list of tokens; a position is the place of a token's first byte. */
class WordTable {
  readonly token: Int32Array;
  readonly previous: Int32Array;
  readonly next: Int32Array;
  /** How often the word of a position occurs. */
  readonly weight: Float64Array;

  constructor(counts: ReadonlyMap<string, number>) {
    const words = Array.from(counts, ([word, count]) => ({ bytes: bytesOf(word), count }));
    const length = words.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.token = new Int32Array(length);
    this.previous = new Int32Array(length).fill(NONE);
    this.next = new Int32Array(length).fill(NONE);
    this.weight = new Float64Array(length);
    let position = 0;
    for (const { bytes, count } of words) {
      for (let i = 0; i < bytes.length; i++, position++) {
        this.token[position] = bytes[i]!;
        this.weight[position] = count;
        if (i > 0) this.previous[position] = position - 1;
        if (i + 1 < bytes.length) this.next[position] = position + 1;
      }
    }
  }

  /** Makes the token at a position and the one after it into one token. */
  join(position: number, merged: number): void {
    const second = this.next[position]!;
    const after = this.next[second]!;
    this.token[position] = merged;
    this.token[second] = NONE;
    this.next[position] = after;
    if (after !== NONE) this.previous[after] = position;
  }
}
