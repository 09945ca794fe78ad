import { madd, operand, real, UNIT_VALUES, word } from "../kernel.as";

// out = y + alpha x over `count` values.
// @ts-ignore: decorator
@inline
function sum(y: usize, x: usize, out: usize, count: u32, alpha: f32): void {
  const factors = f32x4.splat(alpha);
  const end = out + 4 * (count & ~3);
  for (; out < end; out += 16, x += 16, y += 16) {
    v128.store(out, madd(factors, v128.load(x), v128.load(y)));
  }
  for (let rest = count & 3; rest > 0; rest--, out += 4, x += 4, y += 4) {
    store<f32>(out, load<f32>(y) + alpha * load<f32>(x));
  }
}

// out = y + alpha x. Operands: y, x, out. Words: values, alpha.
export function add(p: usize, unit: u32, _scratch: usize): void {
  const first = unit * UNIT_VALUES;
  const at = 4 * first;
  const count = min(UNIT_VALUES, word(p, 4) - first);
  sum(operand(p, 0) + at, operand(p, 1) + at, operand(p, 2) + at, count, real(p, 5));
}

// y += alpha x. Operands: y, x. Words: values, alpha.
export function axpy(p: usize, unit: u32, _scratch: usize): void {
  const first = unit * UNIT_VALUES;
  const at = 4 * first;
  const count = min(UNIT_VALUES, word(p, 3) - first);
  sum(operand(p, 0) + at, operand(p, 1) + at, operand(p, 0) + at, count, real(p, 4));
}
