import { operand, real, UNIT_VALUES, word } from "../kernel.as";

// The hash of dropout.wgsl, four values at a time.
// @ts-ignore: decorator
@inline
function mixLanes(h: v128): v128 {
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(0x7feb352d));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 15)), i32x4.splat(0x846ca68b));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

// @ts-ignore: decorator
@inline
function mixWord(h: u32): u32 {
  h = (h ^ (h >> 16)) * 0x7feb352d;
  h = (h ^ (h >> 15)) * 0x846ca68b;
  return h ^ (h >> 16);
}

// y = x scale where the hash of the value's index is at least the threshold, else 0; plus the residual if `adds`.
// Operands: x, key, residual, y. Words: values, adds, site, threshold, scale.
export function dropout(p: usize, unit: u32, _scratch: usize): void {
  const first = unit * UNIT_VALUES;
  const last = first + min(UNIT_VALUES, word(p, 5) - first);
  const adds = word(p, 6) != 0;
  const x = operand(p, 0), key = operand(p, 1), residual = operand(p, 2), y = operand(p, 3);
  const start = load<u32>(key), second = load<u32>(key + 4) + word(p, 7);
  const threshold = word(p, 8), scale = real(p, 9);
  const lanes = i32x4.add(i32x4.splat(start), i32x4(0, 1, 2, 3));
  const whole = last & ~3;
  let i = first;
  for (; i < whole; i += 4) {
    const draw = mixLanes(i32x4.add(mixLanes(i32x4.add(i32x4.splat(i), lanes)), i32x4.splat(second)));
    const at: usize = 4 * i;
    const scaled = f32x4.mul(v128.load(x + at), f32x4.splat(scale));
    const kept = v128.and(scaled, i32x4.ge_u(draw, i32x4.splat(threshold)));
    v128.store(y + at, adds ? f32x4.add(kept, v128.load(residual + at)) : kept);
  }
  for (; i < last; i++) {
    const at: usize = 4 * i;
    const draw = mixWord(mixWord(i + start) + second);
    const kept: f32 = draw >= threshold ? load<f32>(x + at) * scale : 0;
    store<f32>(y + at, adds ? kept + load<f32>(residual + at) : kept);
  }
}
