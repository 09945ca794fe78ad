import { operand, word } from "../kernel.as";
import { total } from "../simd/lanes.as";

// The `k` largest values of each row, the largest first and of equals the one with the smaller id, and the sum of the
// others. Operands: values, ids, masses. Words: rows, width, k, rows of a unit.
export function topEntries(p: usize, unit: u32, _scratch: usize): void {
  const width = word(p, 5), k = word(p, 6), most = word(p, 7);
  const first = unit * most, last = min(word(p, 4), first + most);
  for (let row = first; row < last; row++) {
    const masses = operand(p, 2) + 4 * (k + 1) * row;
    const rest = largestOf(operand(p, 0) + 4 * width * row, width, operand(p, 1) + 4 * k * row, masses, k);
    store<f32>(masses + 4 * k, rest);
  }
}

// The largest so far are a heap with the least of them on top, so that one more costs a path down and not a shift.
function largestOf(row: usize, width: u32, ids: usize, masses: usize, k: u32): f32 {
  for (let id: u32 = 0; id < k; id++) {
    store<u32>(ids + 4 * id, id);
    store<f32>(masses + 4 * id, load<f32>(row + 4 * id));
  }
  for (let i = (k >> 1) - 1; <i32>i >= 0; i--) {
    sink(ids, masses, i, k, load<u32>(ids + 4 * i), load<f32>(masses + 4 * i));
  }
  let rest: f32 = 0, id = k;
  for (; id < width && (id & 3) != 0; id++) rest += replace(ids, masses, k, id, load<f32>(row + 4 * id));
  let least = load<f32>(masses);
  let sums = f32x4.splat(0);
  for (; id + 4 <= width; id += 4) {
    const four = v128.load(row + 4 * id);
    if (!v128.any_true(f32x4.gt(four, f32x4.splat(least)))) {
      sums = f32x4.add(sums, four);
      continue;
    }
    for (let i: u32 = 0; i < 4; i++) rest += replace(ids, masses, k, id + i, load<f32>(row + 4 * (id + i)));
    least = load<f32>(masses);
  }
  for (; id < width; id++) rest += replace(ids, masses, k, id, load<f32>(row + 4 * id));
  // Taken off the top one by one, the least goes to the end.
  for (let left = k; left > 1; left--) {
    const at = left - 1, last = load<u32>(ids + 4 * at), mass = load<f32>(masses + 4 * at);
    store<u32>(ids + 4 * at, load<u32>(ids));
    store<f32>(masses + 4 * at, load<f32>(masses));
    sink(ids, masses, 0, at, last, mass);
  }
  return rest + total(sums);
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
