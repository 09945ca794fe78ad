const DIGIT_BITS = 11;
const DIGIT_VALUES = 2 ** DIGIT_BITS;

/**
 * Returns the positions of `keys` in the order of ascending keys; equal keys keep the order that they had.
 *
 * A radix sort by digits of 11 bits, least significant first, in O(n) for keys below a fixed bound. Sorting by several
 * keys is sorting by the least significant one first.
 *
 * @param initial The order to start from. @default {[0, 1, 2, ...]}
 */
export function radixOrder(
  keys: Uint16Array | Uint32Array,
  initial?: Uint32Array<ArrayBuffer>,
): Uint32Array<ArrayBuffer> {
  let order = initial?.slice() ?? ascending(keys.length);
  let scratch = new Uint32Array(order.length);
  let largest = 0;
  for (const key of keys) largest = Math.max(largest, key);
  const starts = new Uint32Array(DIGIT_VALUES);
  for (let shift = 0; shift < 32 && largest >>> shift > 0; shift += DIGIT_BITS) {
    starts.fill(0);
    for (const position of order) starts[(keys[position]! >>> shift) % DIGIT_VALUES]!++;
    let start = 0;
    for (let digit = 0; digit < DIGIT_VALUES; digit++) {
      const count = starts[digit]!;
      starts[digit] = start;
      start += count;
    }
    for (const position of order) scratch[starts[(keys[position]! >>> shift) % DIGIT_VALUES]!++] = position;
    [order, scratch] = [scratch, order];
  }
  return order;
}

function ascending(length: number): Uint32Array<ArrayBuffer> {
  const order = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[i] = i;
  return order;
}
