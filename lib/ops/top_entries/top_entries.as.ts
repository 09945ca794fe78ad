import { operand, word } from "../kernel.as";
import { total } from "../simd/lanes.as";
import { largestOf } from "../simd/rows.as";

const LEAST_BOUNDED: u32 = 8; // below, a heap is so small that a bound costs more than it saves

// The `k` largest values of each row, the largest first and of equals the one with the smaller id, and the sum of the
// others. Operands: values, ids, masses. Words: rows, width, k, rows of a unit.
export function topEntries(p: usize, unit: u32, _scratch: usize): void {
  const width = word(p, 5), k = word(p, 6), most = word(p, 7);
  const first = unit * most, last = min(word(p, 4), first + most);
  for (let row = first; row < last; row++) {
    const masses = operand(p, 2) + 4 * (k + 1) * row;
    const rest = selectLargest(operand(p, 0) + 4 * width * row, width, operand(p, 1) + 4 * k * row, masses, k);
    store<f32>(masses + 4 * k, rest);
  }
}

// The largest so far are a heap with the least of them on top, so that one more costs a path down and not a shift.
function selectLargest(row: usize, width: u32, ids: usize, masses: usize, k: u32): f32 {
  let least = boundOf(row, width, k), rest: f32 = 0, count: u32 = 0, id: u32 = 0;
  let sums = f32x4.splat(0);
  while (id < width) {
    if (id + 4 <= width) {
      const four = v128.load(row + 4 * id);
      if (i32x4.all_true(f32x4.le(four, f32x4.splat(least)))) {
        sums = f32x4.add(sums, four);
        id += 4;
        continue;
      }
    }
    for (const end = min(id + 4, width); id < end; id++) {
      const mass = load<f32>(row + 4 * id);
      if (count == k) {
        rest += replace(ids, masses, k, id, mass);
        least = load<f32>(masses);
      } else if (mass <= least) rest += mass;
      else {
        store<u32>(ids + 4 * count, id);
        store<f32>(masses + 4 * count, mass);
        if (++count < k) continue;
        for (let i = (k >> 1) - 1; <i32>i >= 0; i--) {
          sink(ids, masses, i, k, load<u32>(ids + 4 * i), load<f32>(masses + 4 * i));
        }
        least = load<f32>(masses);
      }
    }
  }
  // Taken off the top one by one, the least goes to the end.
  for (let left = k; left > 1; left--) {
    const at = left - 1, last = load<u32>(ids + 4 * at), mass = load<f32>(masses + 4 * at);
    store<u32>(ids + 4 * at, load<u32>(ids));
    store<f32>(masses + 4 * at, load<f32>(masses));
    sink(ids, masses, 0, at, last, mass);
  }
  return rest + total(sums);
}

// A value that at least `k` of the row are above, and few more, so that few others pass through the heap: found by
// halving between 0 and the largest in the order of their bits. NaN, which nothing is below, where that is not worth it
// or fewer than `k` are above 0.
function boundOf(row: usize, width: u32, k: u32): f32 {
  if (k < LEAST_BOUNDED || width < 4 * k) return NaN;
  const top = largestOf(row, width);
  if (!(top > 0) || countAbove(row, width, 0) < k) return NaN;
  let low: u32 = 0, high = reinterpret<u32>(top);
  while (high - low > 1) {
    const middle = low + ((high - low) >> 1);
    const above = countAbove(row, width, reinterpret<f32>(middle));
    if (above < k) high = middle;
    else {
      low = middle;
      if (above <= k + (k >> 1)) break;
    }
  }
  return reinterpret<f32>(low);
}

function countAbove(row: usize, width: u32, bound: f32): u32 {
  const four = row + 4 * (width & ~3), end = row + 4 * width;
  const bounds = f32x4.splat(bound);
  let counts = i32x4.splat(0), at = row;
  for (; at < four; at += 16) counts = i32x4.sub(counts, f32x4.gt(v128.load(at), bounds));
  let count = (i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1)) +
    (i32x4.extract_lane(counts, 2) + i32x4.extract_lane(counts, 3));
  for (; at < end; at += 4) count += i32(load<f32>(at) > bound);
  return count;
}

// Takes a value in if it is larger than the least, which then falls out; returns the one that is left out.
function replace(ids: usize, masses: usize, k: u32, id: u32, mass: f32): f32 {
  const least = load<f32>(masses);
  if (!(mass > least)) return mass;
  sink(ids, masses, 0, k, id, mass);
  return least;
}

// Puts an entry where it belongs on the way down from place `i` of a heap of `count`.
function sink(ids: usize, masses: usize, i: u32, count: u32, id: u32, mass: f32): void {
  for (let child: u32 = 2 * i + 1; child < count; child = 2 * i + 1) {
    if (child + 1 < count && falls(ids, masses, child + 1, load<u32>(ids + 4 * child), load<f32>(masses + 4 * child))) {
      child++;
    }
    if (!falls(ids, masses, child, id, mass)) break;
    store<u32>(ids + 4 * i, load<u32>(ids + 4 * child));
    store<f32>(masses + 4 * i, load<f32>(masses + 4 * child));
    i = child;
  }
  store<u32>(ids + 4 * i, id);
  store<f32>(masses + 4 * i, mass);
}

// Whether the entry in a place falls out before another one.
// @ts-ignore: decorator
@inline
function falls(ids: usize, masses: usize, i: u32, id: u32, mass: f32): bool {
  const own = load<f32>(masses + 4 * i);
  return own < mass || (own == mass && load<u32>(ids + 4 * i) > id);
}
