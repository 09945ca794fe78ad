import { operand, real, word } from "../kernel.as";
import { exp4 } from "../simd/exp.as";
import { largest, total } from "../simd/lanes.as";
import { log } from "../simd/log.as";

const IGNORED: u32 = 0xffffffff;

// The loss of each row of logits, and with `gradient` the logits replaced by (softmax - one-hot) scale.
// Operands: targets, logits, losses. Words: rows, width, gradient, scale, rows of a unit.
export function crossEntropyRows(p: usize, unit: u32, _scratch: usize): void {
  const width = word(p, 5), most = word(p, 8);
  const first = unit * most, last = min(word(p, 4), first + most);
  const gradient = word(p, 6) != 0;
  for (let row = first; row < last; row++) {
    const logits = operand(p, 1) + 4 * width * row;
    const target = load<u32>(operand(p, 0) + 4 * row);
    const known = target != IGNORED;
    const wanted: f32 = known ? load<f32>(logits + 4 * target) : 0;
    const top = highest(logits, width);
    const sum = exponentials(logits, width, top, gradient);
    store<f32>(operand(p, 2) + 4 * row, known ? top + log(sum) - wanted : 0);
    if (!gradient) continue;
    const scale: f32 = known ? real(p, 7) : 0;
    multiply(logits, width, scale / sum);
    if (known) store<f32>(logits + 4 * target, load<f32>(logits + 4 * target) - scale);
  }
}

function highest(at: usize, width: u32): f32 {
  const four = at + 4 * (width & ~3), end = at + 4 * width;
  let tops = f32x4.splat(-Infinity);
  for (; at < four; at += 16) tops = f32x4.max(tops, v128.load(at));
  let top = largest(tops);
  for (; at < end; at += 4) top = max(top, load<f32>(at));
  return top;
}

// The sum of exp(x - top), each kept in the place of x where asked for.
function exponentials(at: usize, width: u32, top: f32, keep: bool): f32 {
  const four = at + 4 * (width & ~3), end = at + 4 * width;
  const tops = f32x4.splat(top);
  let sums = f32x4.splat(0);
  for (; at < four; at += 16) {
    const e = exp4(f32x4.sub(v128.load(at), tops));
    sums = f32x4.add(sums, e);
    if (keep) v128.store(at, e);
  }
  let sum = total(sums);
  for (; at < end; at += 4) {
    const e = f32x4.extract_lane(exp4(f32x4.splat(load<f32>(at) - top)), 0);
    sum += e;
    if (keep) store<f32>(at, e);
  }
  return sum;
}

function multiply(at: usize, width: u32, factor: f32): void {
  const four = at + 4 * (width & ~3), end = at + 4 * width;
  const factors = f32x4.splat(factor);
  for (; at < four; at += 16) v128.store(at, f32x4.mul(v128.load(at), factors));
  for (; at < end; at += 4) store<f32>(at, load<f32>(at) * factor);
}
