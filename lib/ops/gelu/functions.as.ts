// gelu and its slope on four values; the same formulas as functions.wgsl.
import { madd } from "../kernel.as";
import { exp4 } from "../simd/exp.as";

// erf(x) with e = exp(-x^2), after Abramowitz and Stegun 7.1.26: absolute error below 6e-7, most of it rounding near 0.
// @ts-ignore: decorator
@inline
function erfGiven(x: v128, e: v128): v128 {
  const t = f32x4.div(f32x4.splat(1), madd(f32x4.splat(<f32>0.3275911), f32x4.abs(x), f32x4.splat(1)));
  let p = f32x4.splat(<f32>1.061405429);
  p = madd(p, t, f32x4.splat(<f32>-1.453152027));
  p = madd(p, t, f32x4.splat(<f32>1.421413741));
  p = madd(p, t, f32x4.splat(<f32>-0.284496736));
  p = madd(p, t, f32x4.splat(<f32>0.254829592));
  const sign = v128.and(x, i32x4.splat(0x80000000));
  return v128.or(f32x4.sub(f32x4.splat(1), f32x4.mul(f32x4.mul(p, t), e)), sign);
}

// @ts-ignore: decorator
@inline
export function erf4(x: v128): v128 {
  return erfGiven(x, exp4(f32x4.neg(f32x4.mul(x, x))));
}

// 1 - 2 / (exp(2 x) + 1): absolute error below 3e-7.
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const e = exp4(f32x4.add(x, x));
  return f32x4.sub(f32x4.splat(1), f32x4.div(f32x4.splat(2), f32x4.add(e, f32x4.splat(1))));
}

// @ts-ignore: decorator
@inline
function inner(x: v128): v128 {
  const cube = f32x4.mul(f32x4.mul(f32x4.splat(<f32>0.044715), f32x4.mul(x, x)), x);
  return tanh4(f32x4.mul(f32x4.splat(<f32>0.7978845608), f32x4.add(x, cube)));
}

// @ts-ignore: decorator
@inline
function gelu4(x: v128, exact: bool): v128 {
  const half = f32x4.mul(x, f32x4.splat(0.5));
  let bend: v128;
  if (exact) {
    bend = erf4(f32x4.mul(x, f32x4.splat(<f32>0.70710678)));
  } else {
    bend = inner(x);
  }
  return madd(half, bend, half);
}

// The slope of the exact gelu shares erf's exponential: exp(-x^2 / 2) is the bell's too.
// @ts-ignore: decorator
@inline
function geluSlope4(x: v128, exact: bool): v128 {
  const one = f32x4.splat(1);
  const half = f32x4.splat(0.5);
  if (exact) {
    const a = f32x4.mul(x, f32x4.splat(<f32>0.70710678));
    const e = exp4(f32x4.neg(f32x4.mul(a, a)));
    return madd(f32x4.mul(x, f32x4.splat(<f32>0.39894228)), e, madd(half, erfGiven(a, e), half));
  }
  const square = f32x4.mul(x, x);
  const t = inner(x);
  const slope = madd(f32x4.splat(<f32>0.134145), square, one);
  const bend = f32x4.mul(f32x4.sub(one, f32x4.mul(t, t)), f32x4.mul(slope, f32x4.splat(<f32>0.7978845608)));
  return madd(f32x4.mul(half, x), bend, madd(half, t, half));
}

// y = gelu(x) of `count` values.
export function geluRow(x: usize, y: usize, count: u32, exact: bool): void {
  if (exact) values(x, y, count, true);
  else values(x, y, count, false);
}

// dx = dy gelu'(x) of `count` values.
export function geluSlopeRow(x: usize, dy: usize, dx: usize, count: u32, exact: bool): void {
  if (exact) slopes(x, dy, dx, count, true);
  else slopes(x, dy, dx, count, false);
}

// Two registers a turn: an engine that can joins them into one.
// @ts-ignore: decorator
@inline
function values(x: usize, y: usize, count: u32, exact: bool): void {
  for (; count >= 8; count -= 8, x += 32, y += 32) {
    const a = gelu4(v128.load(x), exact);
    const b = gelu4(v128.load(x, 16), exact);
    v128.store(y, a);
    v128.store(y, b, 16);
  }
  for (; count > 0; count--, x += 4, y += 4) {
    store<f32>(y, f32x4.extract_lane(gelu4(v128.load32_splat(x), exact), 0));
  }
}

// @ts-ignore: decorator
@inline
function slopes(x: usize, dy: usize, dx: usize, count: u32, exact: bool): void {
  for (; count >= 8; count -= 8, x += 32, dy += 32, dx += 32) {
    const a = f32x4.mul(v128.load(dy), geluSlope4(v128.load(x), exact));
    const b = f32x4.mul(v128.load(dy, 16), geluSlope4(v128.load(x, 16), exact));
    v128.store(dx, a);
    v128.store(dx, b, 16);
  }
  for (; count > 0; count--, x += 4, dy += 4, dx += 4) {
    store<f32>(dx, load<f32>(dy) * f32x4.extract_lane(geluSlope4(v128.load32_splat(x), exact), 0));
  }
}
