import { madd, operand, real, word } from "../kernel.as";
import { total } from "../simd/lanes.as";

// Adds the losses of a layer to those of its rows, and keeps two slopes a row, of which the gradient is
// slopes[0] (student - target), or of a cosine slopes[0] student + slopes[1] target. Operands: student, target, weight, losses, weighed, slopes.
// Words: rows, width, form (0: mse, 1: relative_mse, 2: cosine), whether it is the first layer, the gradient's factor,
// epsilon, rows of a unit.
export function hiddenLossRows(p: usize, unit: u32, _scratch: usize): void {
  const width = word(p, 8), most = word(p, 13);
  const start = unit * most, last = min(word(p, 7), start + most);
  const relative = word(p, 9) == 1, cosine = word(p, 9) == 2, first = word(p, 10) != 0;
  const epsilon = real(p, 12), weight = load<f32>(operand(p, 2));
  const share = <f32>1 / <f32>width;
  const factor = real(p, 11) * share * weight;
  const four: usize = 4 * (width & ~3), end: usize = 4 * width;
  const whole = f32x4.splat(cosine ? 0 : 1);
  for (let row = start; row < last; row++) {
    const x = operand(p, 0) + row * end, t = operand(p, 1) + row * end;
    let owns = f32x4.splat(0), theirs = f32x4.splat(0), products = f32x4.splat(0);
    let at: usize = 0;
    for (; at < four; at += 16) {
      const a = v128.load(x + at), b = v128.load(t + at);
      const d = f32x4.sub(a, f32x4.mul(whole, b));
      owns = madd(d, d, owns);
      theirs = madd(b, b, theirs);
      products = madd(a, b, products);
    }
    let own = total(owns), their = total(theirs), product = total(products);
    for (; at < end; at += 4) {
      const a = load<f32>(x + at), b = load<f32>(t + at);
      const d = cosine ? a : a - b;
      own += d * d;
      their += b * b;
      product += a * b;
    }
    own *= share;
    their *= share;
    let loss: f32, along: f32, across: f32 = 0;
    if (cosine) {
      const a = <f32>1 / sqrt<f32>(own + epsilon), b = <f32>1 / sqrt<f32>(their + epsilon);
      const angle = product * share * a * b;
      loss = 1 - angle;
      along = a * a * angle;
      across = -a * b;
    } else {
      const scale: f32 = relative ? <f32>1 / (their + epsilon) : 1;
      loss = own * scale;
      along = 2 * scale;
    }
    const losses = operand(p, 3) + 4 * row, weighed = operand(p, 4) + 4 * row, slopes = operand(p, 5) + 8 * row;
    store<f32>(losses, first ? loss : load<f32>(losses) + loss);
    store<f32>(weighed, first ? weight * loss : load<f32>(weighed) + weight * loss);
    store<f32>(slopes, factor * along);
    store<f32>(slopes, factor * across, 4);
  }
}

// dx = upstream slopes[0] (student - target) + residual, or of a cosine upstream (slopes[0] student + slopes[1] target) +
// residual. Operands: student, target, slopes, upstream, residual, dx. Words: rows, width, whether it is of a cosine,
// whether there is a residual, rows of a unit.
export function hiddenLossGradient(p: usize, unit: u32, _scratch: usize): void {
  const width = word(p, 8), most = word(p, 11);
  const start = unit * most, last = min(word(p, 7), start + most);
  const cosine = word(p, 9) != 0, kept = word(p, 10) != 0, upstream = load<f32>(operand(p, 3));
  const four: usize = 4 * (width & ~3), end: usize = 4 * width;
  for (let row = start; row < last; row++) {
    const x = operand(p, 0) + row * end, t = operand(p, 1) + row * end;
    const residual = operand(p, 4) + row * end, dx = operand(p, 5) + row * end;
    const along = upstream * load<f32>(operand(p, 2) + 8 * row);
    const across = upstream * load<f32>(operand(p, 2) + 8 * row, 4);
    const alongs = f32x4.splat(along), acrosses = f32x4.splat(across);
    let at: usize = 0;
    for (; at < four; at += 16) {
      const a = v128.load(x + at), b = v128.load(t + at);
      const slope = cosine ? madd(b, acrosses, f32x4.mul(a, alongs)) : f32x4.mul(f32x4.sub(a, b), alongs);
      v128.store(dx + at, kept ? f32x4.add(slope, v128.load(residual + at)) : slope);
    }
    for (; at < end; at += 4) {
      const a = load<f32>(x + at), b = load<f32>(t + at);
      const slope = cosine ? along * a + across * b : along * (a - b);
      store<f32>(dx + at, kept ? slope + load<f32>(residual + at) : slope);
    }
  }
}
