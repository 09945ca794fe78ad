/**
 * Baselines: what models of token frequencies reach.
 *
 * @module
 */

import type { TokenArray } from "./batches.ts";
import { bitsPerByte } from "./bits_per_byte.ts";
import { radixOrder } from "./radix_order.ts";

/** The loss of a baseline on the validation split. */
export interface BaselineLoss {
  /** Mean cross-entropy per predicted token, in nats. */
  readonly nats: number;
  /** The same loss by bytes of text. */
  readonly bitsPerByte: number;
}

/** What models without any context, or with one token of it, reach: a reader sees from them what was learnt. */
export interface NgramBaselines {
  /** The loss of a model that knows how frequent each token is. */
  readonly unigram: BaselineLoss;
  /** The loss of a model that also knows the token before. */
  readonly bigram: BaselineLoss;
  /** The discount that was taken from each bigram count. */
  readonly discount: number;
}

/** Options of {@linkcode ngramBaselines}. */
export interface NgramOptions {
  /** Tokens to fit the models to. */
  readonly train: TokenArray;
  /** Tokens to evaluate them on. */
  readonly validation: TokenArray;
  /** The number of tokens there are, V. */
  readonly vocabularySize: number;
  /** Bytes of validation text per validation token. */
  readonly bytesPerToken: number;
}

/**
 * Fits unigram and bigram models to the train split and evaluates them on the validation split's predicted tokens,
 * which are all but the first.
 *
 * - Unigram: p(w) = (c(w) + 1) / (N + V).
 * - Bigram, interpolated with absolute discounting (Ney, Essen and Kneser, 1994):
 *   p(w | v) = max(c(v, w) - D, 0) / c(v) + D n(v) / c(v) p(w), with n(v) the number of different successors of v. D is
 *   their leave-one-out estimate n1 / (n1 + 2 n2) from the numbers of bigrams seen once and twice in the train split.
 *
 * @throws {RangeError} If a split has fewer than two tokens.
 */
export function ngramBaselines(options: NgramOptions): NgramBaselines {
  const { train, validation, vocabularySize, bytesPerToken } = options;
  for (const [name, tokens] of Object.entries({ train, validation })) {
    if (tokens.length < 2) {
      throw new RangeError(`Cannot fit baselines: '${name}' must have at least two tokens, found ${tokens.length}`);
    }
  }
  const counts = new Uint32Array(vocabularySize);
  for (const token of train) counts[token]!++;
  const bigrams = new BigramTable(train, vocabularySize);
  const discount = bigrams.discount();

  let unigramNats = 0, bigramNats = 0;
  for (let i = 1; i < validation.length; i++) {
    const unigram = (counts[validation[i]!]! + 1) / (train.length + vocabularySize);
    unigramNats -= Math.log(unigram);
    bigramNats -= Math.log(bigrams.probability(validation[i - 1]!, validation[i]!, unigram, discount));
  }
  const predicted = validation.length - 1;
  const loss = (nats: number): BaselineLoss => ({ nats, bitsPerByte: bitsPerByte(nats, bytesPerToken) });
  return { unigram: loss(unigramNats / predicted), bigram: loss(bigramNats / predicted), discount };
}

/** The different successors of each token in ascending order, with their counts (compressed sparse rows). */
class BigramTable {
  /** Row `v` is at `#rows[v]` to `#rows[v + 1] - 1`. */
  readonly #rows: Uint32Array;
  readonly #successors: Uint32Array;
  readonly #counts: Uint32Array;
  /** How often each token occurs with a successor. */
  readonly #totals: Uint32Array;

  constructor(tokens: TokenArray, vocabularySize: number) {
    const contexts = tokens.subarray(0, -1), followers = tokens.subarray(1);
    const order = radixOrder(contexts, radixOrder(followers));
    const successors = new Uint32Array(order.length), counts = new Uint32Array(order.length);
    this.#rows = new Uint32Array(vocabularySize + 1);
    this.#totals = new Uint32Array(vocabularySize);
    let size = 0, lastContext = -1, lastFollower = -1;
    for (const position of order) {
      const context = contexts[position]!, follower = followers[position]!;
      if (context !== lastContext || follower !== lastFollower) {
        successors[size++] = follower;
        this.#rows[context + 1]!++;
      }
      counts[size - 1]!++;
      this.#totals[context]!++;
      lastContext = context;
      lastFollower = follower;
    }
    for (let token = 0; token < vocabularySize; token++) this.#rows[token + 1]! += this.#rows[token]!;
    this.#successors = successors.slice(0, size);
    this.#counts = counts.slice(0, size);
  }

  /** Returns the leave-one-out discount; 0.5 where the estimate degenerates, as no bigram was seen once, or twice. */
  discount(): number {
    let once = 0, twice = 0;
    for (const count of this.#counts) {
      if (count === 1) once++;
      else if (count === 2) twice++;
    }
    return once > 0 && twice > 0 ? once / (once + 2 * twice) : 0.5;
  }

  /** Returns p(token | context) given p(token). */
  probability(context: number, token: number, unigram: number, discount: number): number {
    const total = this.#totals[context]!;
    if (total === 0) return unigram;
    const different = this.#rows[context + 1]! - this.#rows[context]!;
    const count = this.#count(context, token);
    return (Math.max(count - discount, 0) + discount * different * unigram) / total;
  }

  #count(context: number, token: number): number {
    let low = this.#rows[context]!, high = this.#rows[context + 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#successors[middle]! < token) low = middle + 1;
      else high = middle;
    }
    const isFound = low < this.#rows[context + 1]! && this.#successors[low] === token;
    return isFound ? this.#counts[low]! : 0;
  }
}
