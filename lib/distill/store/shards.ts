/**
 * Shards: the records of some windows behind an index of them.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** Bytes of a window's key, and of its whole place in the index: key, start and length. */
const KEY_BYTES = 16, PLACE_BYTES = KEY_BYTES + 8;

/** A window's record and the key that finds it. */
export interface KeyedRecord {
  readonly key: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Where a window's record lies in its shard. */
export interface RecordPlace {
  readonly key: string;
  readonly start: number;
  readonly length: number;
}

/**
 * Returns the key of a window: the first 128 bits of the SHA-256 of the teacher's hash and the tokens that the teacher
 * reads, as 32-bit little-endian words; in hexadecimal.
 */
export function windowKey(teacherHash: string, tokens: Uint32Array<ArrayBuffer>): string {
  const bytes = new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength);
  return createHash("sha256").update(teacherHash).update(bytes).digest("hex").slice(0, 2 * KEY_BYTES);
}

/** Counts the bytes that the index of a shard takes. */
export function indexBytes(windows: number): number {
  return windows * PLACE_BYTES;
}

/** Joins records to a shard. */
export function packShard(records: readonly KeyedRecord[]): Uint8Array<ArrayBuffer> {
  const size = records.reduce((sum, { bytes }) => sum + bytes.length, indexBytes(records.length));
  const shard = new Uint8Array(size);
  const view = new DataView(shard.buffer);
  let start = indexBytes(records.length);
  records.forEach(({ key, bytes }, i) => {
    shard.set(Uint8Array.fromHex(key), i * PLACE_BYTES);
    view.setUint32(i * PLACE_BYTES + KEY_BYTES, start, true);
    view.setUint32(i * PLACE_BYTES + KEY_BYTES + 4, bytes.length, true);
    shard.set(bytes, start);
    start += bytes.length;
  });
  return shard;
}

/** Reads the index of a shard. */
export function readIndex(bytes: Uint8Array<ArrayBuffer>): RecordPlace[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / PLACE_BYTES }, (_, i) => {
    const at = i * PLACE_BYTES;
    return {
      key: bytes.subarray(at, at + KEY_BYTES).toHex(),
      start: view.getUint32(at + KEY_BYTES, true),
      length: view.getUint32(at + KEY_BYTES + 4, true),
    };
  });
}
