/**
 * A counter-based generator of random numbers: every draw is a pure function of (seed, stream, counter), so a resumed
 * run needs only its step number, and nothing depends on the order in which numbers are asked for.
 *
 * @module
 */

const WORD = 2 ** 32;
const PHILOX_ROUNDS = 10;
const PERMUTATION_ROUNDS = 10;

/** Each kind of draw has its own counter space, so that `uniform(0)` and `normal(0)` share no bits. */
const DrawKind = { uint32: 0, uniform: 1, normal: 2, permutation: 3 } as const;

/**
 * Computes one block of Philox-4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011).
 *
 * @param counter Four 32-bit words.
 * @param key Two 32-bit words.
 * @param output Receives four random 32-bit words; may be `counter` itself.
 */
export function philox4x32(counter: Uint32Array, key: Uint32Array, output: Uint32Array): void {
  let c0 = counter[0]!, c1 = counter[1]!, c2 = counter[2]!, c3 = counter[3]!;
  let k0 = key[0]!, k1 = key[1]!;
  for (let round = 0; round < PHILOX_ROUNDS; round++) {
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high0 = highWord(0xd2511f53, c0, low0);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    const high1 = highWord(0xcd9e8d57, c2, low1);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  output[0] = c0;
  output[1] = c1;
  output[2] = c2;
  output[3] = c3;
}

/**
 * Returns the upper 32 bits of `a * b`, given the lower 32. The double product is off by at most 2^11, so that taking
 * away the exact low word leaves a multiple of 2^32 within rounding distance.
 */
function highWord(a: number, b: number, low: number): number {
  return Math.round((a * b - low) / WORD);
}

/** Draws from one named stream of a seed. Streams of different names, and of different seeds, are independent. */
export class Random {
  readonly #key = new Uint32Array(2);
  readonly #block = new Uint32Array(4);

  /**
   * Opens a stream.
   *
   * @param seed A whole number from 0 to 2^53 - 1.
   * @param stream The name of what is drawn, for example `"initialisation"`; it is hashed into the key.
   * @throws {RangeError} If the seed is no such number.
   */
  constructor(seed: number, stream: string) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`Cannot seed a generator: 'seed' must be a whole number from 0 to 2^53 - 1, found ${seed}`);
    }
    const name = hashName(stream);
    philox4x32(Uint32Array.of(seed, Math.floor(seed / WORD), name[2]!, name[3]!), name, this.#block);
    this.#key.set(this.#block.subarray(0, 2));
  }

  /** Returns draw number `counter` of whole numbers, uniform in [0, 2^32). */
  uint32(counter: number): number {
    this.#draw(Math.floor(counter / 4), 0, DrawKind.uint32);
    return this.#block[counter % 4]!;
  }

  /** Returns draw number `counter` of real numbers, uniform in [0, 1), in steps of 2^-53. */
  uniform(counter: number): number {
    this.#draw(Math.floor(counter / 2), 0, DrawKind.uniform);
    const word = 2 * (counter % 2);
    return ((this.#block[word]! >>> 5) * 2 ** 26 + (this.#block[word + 1]! >>> 6)) / 2 ** 53;
  }

  /** Returns draw number `counter` of whole numbers, uniform in [0, bound); it is made from `uniform(counter)`. */
  below(bound: number, counter: number): number {
    return Math.floor(this.uniform(counter) * bound);
  }

  /** Returns draw number `counter` of normal numbers of mean 0 and standard deviation 1 (Box and Muller, 1958). */
  normal(counter: number): number {
    this.#draw(Math.floor(counter / 4), 0, DrawKind.normal);
    return this.#normalOfBlock(counter % 4);
  }

  /**
   * Fills `target` so that `target[i]` is `standardDeviation * normal(first + i)`, four numbers a block.
   *
   * @param first The counter of the first number. @default {0}
   */
  fillNormal(target: Float32Array, standardDeviation: number, first = 0): void {
    for (let i = 0; i < target.length; i++) {
      const counter = first + i;
      if (i === 0 || counter % 4 === 0) this.#draw(Math.floor(counter / 4), 0, DrawKind.normal);
      target[i] = standardDeviation * this.#normalOfBlock(counter % 4);
    }
  }

  /**
   * Returns a keyed bijection of [0, size) as a function of the index: a random permutation that needs no array.
   *
   * A Feistel network over a grid of about sqrt(size) times sqrt(size) cells, with cycle walking for the cells beyond
   * `size` (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002). One index costs about ten Philox blocks.
   *
   * @param size The number of elements, from 1 to 2^32.
   * @param epoch Selects one of 2^32 permutations of this stream. @default {0}
   * @throws {RangeError} If `size` is out of range.
   */
  permutation(size: number, epoch = 0): (index: number) => number {
    if (!Number.isInteger(size) || size < 1 || size > WORD) {
      throw new RangeError(`Cannot permute: 'size' must be a whole number from 1 to 2^32, found ${size}`);
    }
    const rows = Math.ceil(Math.sqrt(size));
    const columns = Math.ceil(size / rows);
    return (index: number): number => {
      let cell = index;
      do {
        let row = Math.floor(cell / columns), column = cell % columns;
        for (let round = 0; round < PERMUTATION_ROUNDS; round += 2) {
          row = (row + this.#roundValue(column, round, epoch)) % rows;
          column = (column + this.#roundValue(row, round + 1, epoch)) % columns;
        }
        cell = row * columns + column;
      } while (cell >= size);
      return cell;
    };
  }

  #draw(low: number, high: number, kind: number): void {
    this.#block[0] = low;
    this.#block[1] = Math.floor(low / WORD);
    this.#block[2] = high;
    this.#block[3] = kind;
    philox4x32(this.#block, this.#key, this.#block);
  }

  #roundValue(half: number, round: number, epoch: number): number {
    this.#draw(half + round * WORD, epoch, DrawKind.permutation);
    return this.#block[0]!;
  }

  #normalOfBlock(lane: number): number {
    const word = lane & 2;
    // The first uniform lies in (0, 1], so that its logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log((this.#block[word]! + 1) / WORD));
    const angle = 2 * Math.PI * (this.#block[word + 1]! / WORD);
    return radius * (lane & 1 ? Math.sin(angle) : Math.cos(angle));
  }
}

/**
 * Hashes a name to 128 bits: Philox as the block cipher of a Davies-Meyer chain, in which each eight bytes of UTF-8 are
 * the key that stirs the state, and the length comes last.
 */
function hashName(name: string): Uint32Array {
  const bytes = new TextEncoder().encode(name);
  const padded = new Uint8Array(8 * Math.ceil(bytes.length / 8) + 8);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, bytes.length, true);
  const state = new Uint32Array(4), stirred = new Uint32Array(4), key = new Uint32Array(2);
  for (let offset = 0; offset < padded.length; offset += 8) {
    key[0] = view.getUint32(offset, true);
    key[1] = view.getUint32(offset + 4, true);
    philox4x32(state, key, stirred);
    for (let word = 0; word < 4; word++) state[word]! ^= stirred[word]!;
  }
  return state;
}
