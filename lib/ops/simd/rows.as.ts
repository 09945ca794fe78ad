// What softmax is made of, on one row of values. Two registers a turn: an engine that can joins them into one.
import { madd } from "../kernel.as";
import { exp4 } from "./exp.as";
import { largest, total } from "./lanes.as";

export function largestOf(at: usize, count: u32): f32 {
  const four = at + 4 * (count & ~3), end = at + 4 * count;
  let tops = f32x4.splat(-Infinity);
  for (; at < four; at += 16) tops = f32x4.pmax(tops, v128.load(at));
  let top = largest(tops);
  for (; at < end; at += 4) top = max(top, load<f32>(at));
  return top;
}

// The sum of exp(scale x + shift), each kept in the place of x.
export function exponentiate(at: usize, count: u32, scale: f32, shift: f32): f32 {
  const eight = at + 4 * (count & ~7), end = at + 4 * count;
  const scales = f32x4.splat(scale), shifts = f32x4.splat(shift);
  let sums0 = f32x4.splat(0), sums1 = f32x4.splat(0);
  for (; at < eight; at += 32) {
    const e0 = exp4(madd(v128.load(at), scales, shifts));
    const e1 = exp4(madd(v128.load(at, 16), scales, shifts));
    v128.store(at, e0);
    v128.store(at, e1, 16);
    sums0 = f32x4.add(sums0, e0);
    sums1 = f32x4.add(sums1, e1);
  }
  let sum = total(f32x4.add(sums0, sums1));
  for (; at < end; at += 4) {
    const e = f32x4.extract_lane(exp4(madd(v128.load32_splat(at), scales, shifts)), 0);
    store<f32>(at, e);
    sum += e;
  }
  return sum;
}

// The same sum without keeping its terms.
export function sumExponentials(at: usize, count: u32, scale: f32, shift: f32): f32 {
  const eight = at + 4 * (count & ~7), end = at + 4 * count;
  const scales = f32x4.splat(scale), shifts = f32x4.splat(shift);
  let sums0 = f32x4.splat(0), sums1 = f32x4.splat(0);
  for (; at < eight; at += 32) {
    sums0 = f32x4.add(sums0, exp4(madd(v128.load(at), scales, shifts)));
    sums1 = f32x4.add(sums1, exp4(madd(v128.load(at, 16), scales, shifts)));
  }
  let sum = total(f32x4.add(sums0, sums1));
  for (; at < end; at += 4) sum += f32x4.extract_lane(exp4(madd(v128.load32_splat(at), scales, shifts)), 0);
  return sum;
}

export function multiplyRow(at: usize, count: u32, factor: f32): void {
  const eight = at + 4 * (count & ~7), end = at + 4 * count;
  const factors = f32x4.splat(factor);
  for (; at < eight; at += 32) {
    const a = f32x4.mul(v128.load(at), factors), b = f32x4.mul(v128.load(at, 16), factors);
    v128.store(at, a);
    v128.store(at, b, 16);
  }
  for (; at < end; at += 4) store<f32>(at, load<f32>(at) * factor);
}

// to += from.
export function addRow(to: usize, from: usize, count: u32): void {
  const eight = to + 4 * (count & ~7), end = to + 4 * count;
  for (; to < eight; to += 32, from += 32) {
    const a = f32x4.add(v128.load(to), v128.load(from)), b = f32x4.add(v128.load(to, 16), v128.load(from, 16));
    v128.store(to, a);
    v128.store(to, b, 16);
  }
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}
