import { madd, operand, real, word } from "../kernel.as";
import { total } from "../simd/lanes.as";

// y = (x - mean) rstd gain + bias for each row. Operands: x, gain, bias, y, mean, rstd.
// Words: rows, width, epsilon, rows of a unit.
export function layerNorm(p: usize, unit: u32, _scratch: usize): void {
  const width = word(p, 8), epsilon = real(p, 9), most = word(p, 10);
  const first = unit * most, last = min(word(p, 7), first + most);
  const gain = operand(p, 1), bias = operand(p, 2);
  const four: usize = 4 * (width & ~3), end: usize = 4 * width;
  const n = <f32>width;
  for (let row = first; row < last; row++) {
    const x = operand(p, 0) + row * end, y = operand(p, 3) + row * end;
    let sums = f32x4.splat(0);
    let at: usize = 0;
    for (; at < four; at += 16) sums = f32x4.add(sums, v128.load(x + at));
    let sum = total(sums);
    for (; at < end; at += 4) sum += load<f32>(x + at);
    const mean = sum / n;
    const means = f32x4.splat(mean);
    sums = f32x4.splat(0);
    for (at = 0; at < four; at += 16) {
      const d = f32x4.sub(v128.load(x + at), means);
      sums = madd(d, d, sums);
    }
    sum = total(sums);
    for (; at < end; at += 4) {
      const d = load<f32>(x + at) - mean;
      sum += d * d;
    }
    const rstd = <f32>1 / sqrt<f32>(sum / n + epsilon);
    const rstds = f32x4.splat(rstd);
    for (at = 0; at < four; at += 16) {
      const d = f32x4.mul(f32x4.sub(v128.load(x + at), means), rstds);
      v128.store(y + at, madd(d, v128.load(gain + at), v128.load(bias + at)));
    }
    for (; at < end; at += 4) {
      store<f32>(y + at, (load<f32>(x + at) - mean) * rstd * load<f32>(gain + at) + load<f32>(bias + at));
    }
    store<f32>(operand(p, 4) + 4 * row, mean);
    store<f32>(operand(p, 5) + 4 * row, rstd);
  }
}

// dx = rstd (g - mean(g) - h mean(g h)) + residual, with g = dy gain and h the normalised x.
// Operands: x, gain, mean, rstd, dy, residual, dx. Words: rows, width, whether there is a residual, rows of a unit.
export function layerNormGradient(p: usize, unit: u32, _scratch: usize): void {
  const width = word(p, 9), most = word(p, 11);
  const first = unit * most, last = min(word(p, 8), first + most);
  const kept = word(p, 10) != 0;
  const gain = operand(p, 1);
  const four: usize = 4 * (width & ~3), end: usize = 4 * width;
  const n = <f32>width;
  for (let row = first; row < last; row++) {
    const x = operand(p, 0) + row * end, dy = operand(p, 4) + row * end;
    const residual = operand(p, 5) + row * end, dx = operand(p, 6) + row * end;
    const mean = load<f32>(operand(p, 2) + 4 * row), rstd = load<f32>(operand(p, 3) + 4 * row);
    const means = f32x4.splat(mean), rstds = f32x4.splat(rstd);
    let plain = f32x4.splat(0), leaning = f32x4.splat(0);
    let at: usize = 0;
    for (; at < four; at += 16) {
      const g = f32x4.mul(v128.load(dy + at), v128.load(gain + at));
      plain = f32x4.add(plain, g);
      leaning = madd(g, f32x4.mul(f32x4.sub(v128.load(x + at), means), rstds), leaning);
    }
    let a = total(plain), b = total(leaning);
    for (; at < end; at += 4) {
      const g = load<f32>(dy + at) * load<f32>(gain + at);
      a += g;
      b += g * ((load<f32>(x + at) - mean) * rstd);
    }
    a /= n;
    b /= n;
    const as4 = f32x4.splat(a), bs4 = f32x4.splat(-b);
    for (at = 0; at < four; at += 16) {
      const g = f32x4.mul(v128.load(dy + at), v128.load(gain + at));
      const h = f32x4.mul(f32x4.sub(v128.load(x + at), means), rstds);
      const slope = madd(h, bs4, f32x4.sub(g, as4));
      const sum = f32x4.mul(slope, rstds);
      v128.store(dx + at, kept ? f32x4.add(sum, v128.load(residual + at)) : sum);
    }
    for (; at < end; at += 4) {
      const g = load<f32>(dy + at) * load<f32>(gain + at);
      const h = (load<f32>(x + at) - mean) * rstd;
      const sum = (g - a - h * b) * rstd;
      store<f32>(dx + at, kept ? sum + load<f32>(residual + at) : sum);
    }
  }
}
