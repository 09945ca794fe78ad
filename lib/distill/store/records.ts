/**
 * What is kept of a window of distributions, as bytes.
 *
 * @module
 */

import { dtypeOf } from "../../io/token_shards.ts";
import type { StorePlan } from "./manifest.ts";

/** The entries of some positions: a row of `ids` and a row of `masses`, with the rest last, for each. */
export interface Entries {
  /** `[positions, k]`. */
  readonly ids: Uint32Array<ArrayBuffer>;
  /** `[positions, k + 1]`; an entry without mass is none. */
  readonly masses: Float32Array<ArrayBuffer>;
}

/** The part of a plan that decides the form of a record. */
export type RecordShape = Pick<StorePlan, "kind" | "k" | "sequence" | "vocabularySize">;

/** Draws a position, at most: their counts are bytes. */
export const MOST_DRAWS = 255;

/** Makes the arrays of a number of positions. */
export function entriesFor(positions: number, k: number): Entries {
  return { ids: new Uint32Array(positions * k), masses: new Float32Array(positions * (k + 1)) };
}

/** Returns a view of some positions of entries. */
export function rowsOfEntries({ ids, masses }: Entries, k: number, first: number, count: number): Entries {
  return {
    ids: ids.subarray(first * k, (first + count) * k),
    masses: masses.subarray(first * (k + 1), (first + count) * (k + 1)),
  };
}

/** Returns the bytes of a window. For draws, masses are the shares of the draws. */
export function encodeRecord(entries: Entries, shape: RecordShape): Uint8Array<ArrayBuffer> {
  return shape.kind === "top-k" ? encodeTop(entries, shape) : encodeDraws(entries, shape);
}

/**
 * Reads the bytes of a window into rows `first` and on; the masses of a position add up to 1.
 *
 * @throws {RangeError} If they are none.
 */
export function decodeRecord(bytes: Uint8Array<ArrayBuffer>, shape: RecordShape, into: Entries, first: number): void {
  if (shape.kind === "top-k") decodeTop(bytes, shape, into, first);
  else decodeDraws(bytes, shape, into, first);
}

const arrays = { u16: Uint16Array, u32: Uint32Array };

function idArray({ vocabularySize }: RecordShape) {
  return arrays[dtypeOf(vocabularySize)];
}

/**
 * Probabilities are stored as 2^15 times as much in 16-bit floats. At most 1 in 2,048 of a probability is lost so down to
 * 1.9e-9, while plain ones would lose more below 6.1e-5, and logarithms, whose steps grow with them, up to 1 in 250.
 */
const SCALE = 2 ** 15;

/** All ids, then all masses, in 16-bit floats. */
function encodeTop({ ids, masses }: Entries, shape: RecordShape): Uint8Array<ArrayBuffer> {
  const array = idArray(shape);
  const idBytes = array.BYTES_PER_ELEMENT * ids.length;
  const bytes = new Uint8Array(idBytes + 2 * masses.length);
  new array(bytes.buffer, 0, ids.length).set(ids);
  // A plain loop: map(), which calls a function for each mass, takes ten times as long.
  const halves = new Float16Array(bytes.buffer, idBytes);
  for (let i = 0; i < masses.length; i++) halves[i] = masses[i]! * SCALE;
  return bytes;
}

/** Every 16-bit float that is no less than 0, divided by the scale. */
const decoded = new Float32Array(new Float16Array(Uint16Array.from({ length: 2 ** 15 }, (_, i) => i).buffer))
  .map((value) => value / SCALE);

function decodeTop(bytes: Uint8Array<ArrayBuffer>, shape: RecordShape, { ids, masses }: Entries, first: number): void {
  const { k, sequence } = shape;
  const array = idArray(shape);
  const stored = new array(bytes.buffer, 0, sequence * k);
  const halves = new Uint16Array(bytes.buffer, stored.byteLength, sequence * (k + 1));
  ids.set(stored, first * k);
  for (let row = 0; row < sequence; row++) {
    const from = row * (k + 1), to = (first + row) * (k + 1);
    let sum = 0;
    for (let i = 0; i <= k; i++) sum += masses[to + i] = decoded[halves[from + i]!]!;
    // Rounding left a sum that is not quite 1.
    for (let i = 0; i <= k; i++) masses[to + i]! /= sum;
  }
}

/** The distinct ids of all positions, then how often each was drawn, then how many a position has. */
function encodeDraws({ ids, masses }: Entries, shape: RecordShape): Uint8Array<ArrayBuffer> {
  const { k, sequence } = shape;
  const distinct = new Uint8Array(sequence);
  const tokens: number[] = [], counts: number[] = [];
  for (let row = 0; row < sequence; row++) {
    for (let i = 0; i < k; i++) {
      const mass = masses[row * (k + 1) + i]!;
      if (mass === 0) continue;
      tokens.push(ids[row * k + i]!);
      counts.push(Math.round(mass * k));
      distinct[row]!++;
    }
  }
  const stored = idArray(shape).from(tokens);
  const bytes = new Uint8Array(stored.byteLength + counts.length + sequence);
  bytes.set(new Uint8Array(stored.buffer));
  bytes.set(counts, stored.byteLength);
  bytes.set(distinct, stored.byteLength + counts.length);
  return bytes;
}

function decodeDraws(bytes: Uint8Array<ArrayBuffer>, shape: RecordShape, into: Entries, first: number): void {
  const { k, sequence } = shape;
  const array = idArray(shape);
  const all = (bytes.length - sequence) / (array.BYTES_PER_ELEMENT + 1);
  const stored = new array(bytes.buffer, 0, all);
  const counts = bytes.subarray(stored.byteLength, stored.byteLength + all);
  const distinct = bytes.subarray(stored.byteLength + all);
  into.masses.fill(0, first * (k + 1), (first + sequence) * (k + 1));
  let from = 0;
  for (let row = 0; row < sequence; row++) {
    for (let i = 0; i < distinct[row]!; i++, from++) {
      into.ids[(first + row) * k + i] = stored[from]!;
      into.masses[(first + row) * (k + 1) + i] = counts[from]! / k;
    }
  }
}
