import { madd, operand, real, word } from "../kernel.as";
import { total } from "../simd/lanes.as";

// partials[unit] = the sum of a chunk, or of its squares. Operands: x, partials. Words: values, chunk, squared.
export function sumPartial(p: usize, unit: u32, _scratch: usize): void {
  const chunk = word(p, 4), first = unit * chunk;
  const count = min(chunk, word(p, 3) - first);
  const from = operand(p, 0) + 4 * first;
  store<f32>(operand(p, 1) + 4 * unit, added(from, count, word(p, 5) != 0));
}

// out = scale times the sum of the partials, or added to it. Operands: partials, out. Words: partials, scale, accumulate.
export function sumCombine(p: usize, _unit: u32, _scratch: usize): void {
  const out = operand(p, 1);
  const sum = added(operand(p, 0), word(p, 3), false) * real(p, 4);
  store<f32>(out, word(p, 5) ? load<f32>(out) + sum : sum);
}

function added(at: usize, count: u32, squared: bool): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  const ones = f32x4.splat(1);
  for (; count >= 16; count -= 16, at += 64) {
    const a = v128.load(at), b = v128.load(at, 16), c = v128.load(at, 32), d = v128.load(at, 48);
    s0 = madd(a, squared ? a : ones, s0);
    s1 = madd(b, squared ? b : ones, s1);
    s2 = madd(c, squared ? c : ones, s2);
    s3 = madd(d, squared ? d : ones, s3);
  }
  let sum = total(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  for (; count > 0; count--, at += 4) {
    const x = load<f32>(at);
    sum += squared ? x * x : x;
  }
  return sum;
}
