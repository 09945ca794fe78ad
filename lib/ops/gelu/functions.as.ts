// gelu and its slope on four values; the same formulas as functions.wgsl.
import { madd } from "../kernel.as";
import { exp4 } from "../simd/exp.as";

// Abramowitz and Stegun 7.1.26: absolute error below 2e-7.
// @ts-ignore: decorator
@inline
export function erf4(x: v128): v128 {
  const a = f32x4.abs(x);
  const t = f32x4.div(f32x4.splat(1), madd(f32x4.splat(<f32>0.3275911), a, f32x4.splat(1)));
  let p = f32x4.splat(<f32>1.061405429);
  p = madd(p, t, f32x4.splat(<f32>-1.453152027));
  p = madd(p, t, f32x4.splat(<f32>1.421413741));
  p = madd(p, t, f32x4.splat(<f32>-0.284496736));
  p = madd(p, t, f32x4.splat(<f32>0.254829592));
  const tail = f32x4.mul(f32x4.mul(p, t), exp4(f32x4.neg(f32x4.mul(a, a))));
  const sign = v128.and(x, i32x4.splat(0x80000000));
  return v128.or(f32x4.sub(f32x4.splat(1), tail), sign);
}

// 1 - 2 / (exp(2 x) + 1): absolute error below 2e-7.
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

export function gelu4(x: v128, exact: bool): v128 {
  const half = f32x4.mul(x, f32x4.splat(0.5));
  const bend = exact ? erf4(f32x4.mul(x, f32x4.splat(<f32>0.70710678))) : inner(x);
  return f32x4.mul(half, f32x4.add(f32x4.splat(1), bend));
}

export function geluSlope4(x: v128, exact: bool): v128 {
  const one = f32x4.splat(1);
  const half = f32x4.splat(0.5);
  const square = f32x4.mul(x, x);
  if (exact) {
    const bell = exp4(f32x4.mul(f32x4.splat(-0.5), square));
    const rise = f32x4.mul(half, f32x4.add(one, erf4(f32x4.mul(x, f32x4.splat(<f32>0.70710678)))));
    return madd(f32x4.mul(x, f32x4.splat(<f32>0.39894228)), bell, rise);
  }
  const t = inner(x);
  const slope = madd(f32x4.splat(<f32>0.134145), square, one);
  const bend = f32x4.mul(f32x4.sub(one, f32x4.mul(t, t)), f32x4.mul(slope, f32x4.splat(<f32>0.7978845608)));
  return madd(f32x4.mul(half, x), bend, f32x4.mul(half, f32x4.add(one, t)));
}
