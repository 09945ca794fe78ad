import { madd } from "../kernel.as";

// log of a positive normal number within 2 units in the last place, after Cephes' logf (Moshier); infinity and NaN are
// returned as they are. The compiler's own needs a table in memory, where host and threads talk.
export function log(x: f32): f32 {
  if (!(x < <f32>Infinity)) return x;
  const bits = reinterpret<u32>(x);
  let exponent = <i32>(bits >> 23) - 126;
  let m = reinterpret<f32>((bits & 0x7fffff) | 0x3f000000);
  if (m < <f32>0.70710678) {
    exponent--;
    m = m + m - 1;
  } else {
    m -= 1;
  }
  const square = m * m, e = <f32>exponent;
  let y: f32 = 7.0376836292e-2;
  y = y * m + <f32>-1.1514610310e-1;
  y = y * m + <f32>1.1676998740e-1;
  y = y * m + <f32>-1.2420140846e-1;
  y = y * m + <f32>1.4249322787e-1;
  y = y * m + <f32>-1.6668057665e-1;
  y = y * m + <f32>2.0000714765e-1;
  y = y * m + <f32>-2.4999993993e-1;
  y = y * m + <f32>3.3333331174e-1;
  y = y * m * square + <f32>-2.12194440e-4 * e - <f32>0.5 * square;
  return m + y + <f32>0.693359375 * e;
}

// The same of four positive normal numbers; infinity and NaN give anything.
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const exponents = i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(126));
  const fraction = v128.or(v128.and(x, i32x4.splat(0x7fffff)), i32x4.splat(0x3f000000));
  const low = f32x4.lt(fraction, f32x4.splat(<f32>0.70710678));
  const e = f32x4.convert_i32x4_s(i32x4.add(exponents, low));
  const m = f32x4.sub(f32x4.add(fraction, v128.and(fraction, low)), f32x4.splat(1));
  const square = f32x4.mul(m, m);
  let y = f32x4.splat(<f32>7.0376836292e-2);
  y = madd(y, m, f32x4.splat(<f32>-1.1514610310e-1));
  y = madd(y, m, f32x4.splat(<f32>1.1676998740e-1));
  y = madd(y, m, f32x4.splat(<f32>-1.2420140846e-1));
  y = madd(y, m, f32x4.splat(<f32>1.4249322787e-1));
  y = madd(y, m, f32x4.splat(<f32>-1.6668057665e-1));
  y = madd(y, m, f32x4.splat(<f32>2.0000714765e-1));
  y = madd(y, m, f32x4.splat(<f32>-2.4999993993e-1));
  y = madd(y, m, f32x4.splat(<f32>3.3333331174e-1));
  y = f32x4.mul(f32x4.mul(y, m), square);
  y = madd(e, f32x4.splat(<f32>-2.12194440e-4), y);
  y = madd(square, f32x4.splat(<f32>-0.5), y);
  return madd(e, f32x4.splat(<f32>0.693359375), f32x4.add(m, y));
}
