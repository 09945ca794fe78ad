import { madd, operand, real, word } from "../kernel.as";

// Rotates the first dimensions of each head's q and k by their position's angles, in pairs (i, i + half), and copies the
// rest. Operands: x, table, y. Words: rows, sequence, heads, size, half, direction, rows of a unit.
export function rotary(p: usize, unit: u32, _scratch: usize): void {
  const sequence = word(p, 5), heads = word(p, 6), size = word(p, 7), half = word(p, 8), most = word(p, 10);
  const first = unit * most, last = min(word(p, 4), first + most);
  const direction = real(p, 9);
  const bytes: usize = 12 * heads * size;
  for (let row = first; row < last; row++) {
    const x = operand(p, 0) + row * bytes, y = operand(p, 2) + row * bytes;
    memory.copy(y, x, bytes);
    const cosines = operand(p, 1) + 8 * half * (row % sequence);
    for (let head: u32 = 0; head < heads; head++) {
      for (let part: u32 = 0; part < 2; part++) {
        const at: usize = 4 * (3 * head + part) * size;
        turn(x + at, y + at, cosines, half, direction);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function turn(x: usize, y: usize, cosines: usize, half: u32, direction: f32): void {
  const sines = cosines + 4 * half, other: usize = 4 * half;
  const sign = f32x4.splat(direction), opposite = f32x4.splat(-direction);
  let i: usize = 0;
  for (; i + 16 <= other; i += 16) {
    const c = v128.load(cosines + i), s = v128.load(sines + i);
    const a = v128.load(x + i), b = v128.load(x + other + i);
    v128.store(y + i, madd(f32x4.mul(b, s), opposite, f32x4.mul(a, c)));
    v128.store(y + other + i, madd(f32x4.mul(a, s), sign, f32x4.mul(b, c)));
  }
  for (; i < other; i += 4) {
    const c = load<f32>(cosines + i), s = load<f32>(sines + i) * direction;
    const a = load<f32>(x + i), b = load<f32>(x + other + i);
    store<f32>(y + i, a * c - b * s);
    store<f32>(y + other + i, b * c + a * s);
  }
}
