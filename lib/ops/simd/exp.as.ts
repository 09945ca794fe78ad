import { madd } from "../kernel.as";

// exp of four values, within 2 units in the last place: 2^n times a polynomial in x - n ln 2, after Cephes' expf (Moshier).
// 0 below -87.33, where results would be denormal; infinite above 88.37; NaN for NaN.
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const least = f32x4.splat(<f32>-87.33654);
  const v = f32x4.pmin(f32x4.pmax(x, least), f32x4.splat(<f32>88.5));
  // 1.5 * 2^23 pushes the fraction out: the sum's low bits are n. Conversion and rounding cost V8 five instructions each.
  const magic = f32x4.splat(<f32>12582912);
  const shifted = madd(v, f32x4.splat(<f32>1.44269504), magic);
  const n = f32x4.sub(shifted, magic);
  let r = madd(n, f32x4.splat(<f32>-0.693359375), v);
  r = madd(n, f32x4.splat(<f32>2.12194440e-4), r);
  let p = f32x4.splat(<f32>1.9875691500e-4);
  p = madd(p, r, f32x4.splat(<f32>1.3981999507e-3));
  p = madd(p, r, f32x4.splat(<f32>8.3334519073e-3));
  p = madd(p, r, f32x4.splat(<f32>4.1665795894e-2));
  p = madd(p, r, f32x4.splat(<f32>1.6666665459e-1));
  p = madd(p, r, f32x4.splat(<f32>5.0000001201e-1));
  p = f32x4.add(madd(f32x4.mul(p, r), r, r), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(p, power), f32x4.lt(x, least));
}
