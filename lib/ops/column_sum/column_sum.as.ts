import { madd, operand, word } from "../kernel.as";

// The rows of one strip added up, each value times (x - mean) rstd of its own where `normalised`.
// Operands: dy, x, mean, rstd, partials. Words: rows, width, strip, normalised.
export function columnSumPartial(p: usize, unit: u32, _scratch: usize): void {
  const width = word(p, 7), strip = word(p, 8);
  const first = unit * strip, last = min(word(p, 6), first + strip);
  const stride: usize = 4 * width;
  const from = operand(p, 0) + first * stride;
  const x = operand(p, 1) + first * stride;
  const mean = operand(p, 2) + 4 * first, rstd = operand(p, 3) + 4 * first;
  const to = operand(p, 4) + unit * stride;
  const rows = last - first;
  const normalised = word(p, 9) != 0;
  let c: u32 = 0;
  for (; c + 16 <= width; c += 16) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let at = from + 4 * c;
    if (normalised) {
      let xs = x + 4 * c;
      for (let r: u32 = 0; r < rows; r++, at += stride, xs += stride) {
        const m = v128.load32_splat(mean + 4 * r), d = v128.load32_splat(rstd + 4 * r);
        s0 = madd(v128.load(at), f32x4.mul(f32x4.sub(v128.load(xs), m), d), s0);
        s1 = madd(v128.load(at, 16), f32x4.mul(f32x4.sub(v128.load(xs, 16), m), d), s1);
        s2 = madd(v128.load(at, 32), f32x4.mul(f32x4.sub(v128.load(xs, 32), m), d), s2);
        s3 = madd(v128.load(at, 48), f32x4.mul(f32x4.sub(v128.load(xs, 48), m), d), s3);
      }
    } else {
      for (let r: u32 = 0; r < rows; r++, at += stride) {
        s0 = f32x4.add(s0, v128.load(at));
        s1 = f32x4.add(s1, v128.load(at, 16));
        s2 = f32x4.add(s2, v128.load(at, 32));
        s3 = f32x4.add(s3, v128.load(at, 48));
      }
    }
    v128.store(to + 4 * c, s0);
    v128.store(to + 4 * c, s1, 16);
    v128.store(to + 4 * c, s2, 32);
    v128.store(to + 4 * c, s3, 48);
  }
  for (; c < width; c++) {
    let sum: f32 = 0;
    for (let r: u32 = 0; r < rows; r++) {
      const at = r * stride + 4 * c;
      const d = load<f32>(from + at);
      sum += normalised ? d * ((load<f32>(x + at) - load<f32>(mean + 4 * r)) * load<f32>(rstd + 4 * r)) : d;
    }
    store<f32>(to + 4 * c, sum);
  }
}

// The strips' sums added up. Operands: partials, out. Words: strips, width, accumulate, columns of a unit.
export function columnSumCombine(p: usize, unit: u32, _scratch: usize): void {
  const strips = word(p, 3), width = word(p, 4), most = word(p, 6);
  const accumulate = word(p, 5) != 0;
  const first = unit * most, last = min(width, first + most);
  const stride: usize = 4 * width;
  let c = first;
  for (; c + 4 <= last; c += 4) {
    const out = operand(p, 1) + 4 * c;
    let from = operand(p, 0) + 4 * c;
    let sum = f32x4.splat(0);
    for (let s: u32 = 0; s < strips; s++, from += stride) sum = f32x4.add(sum, v128.load(from));
    v128.store(out, accumulate ? f32x4.add(v128.load(out), sum) : sum);
  }
  for (; c < last; c++) {
    const out = operand(p, 1) + 4 * c;
    let from = operand(p, 0) + 4 * c;
    let sum: f32 = 0;
    for (let s: u32 = 0; s < strips; s++, from += stride) sum += load<f32>(from);
    store<f32>(out, accumulate ? load<f32>(out) + sum : sum);
  }
}
