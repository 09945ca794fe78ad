import { operand, UNIT_VALUES, word } from "../kernel.as";
import { gelu4, geluSlope4 } from "./functions.as";

// y = gelu(x). Operands: x, y. Words: values, exact.
export function gelu(p: usize, unit: u32, _scratch: usize): void {
  const first = unit * UNIT_VALUES;
  const exact = word(p, 4) != 0;
  let x = operand(p, 0) + 4 * first, y = operand(p, 1) + 4 * first;
  let count = min(UNIT_VALUES, word(p, 3) - first);
  for (; count >= 4; count -= 4, x += 16, y += 16) v128.store(y, gelu4(v128.load(x), exact));
  for (; count > 0; count--, x += 4, y += 4) {
    store<f32>(y, f32x4.extract_lane(gelu4(v128.load32_splat(x), exact), 0));
  }
}

// dx = dy gelu'(x). Operands: x, dy, dx. Words: values, exact.
export function geluGradient(p: usize, unit: u32, _scratch: usize): void {
  const first = unit * UNIT_VALUES;
  const exact = word(p, 5) != 0;
  let x = operand(p, 0) + 4 * first, dy = operand(p, 1) + 4 * first, dx = operand(p, 2) + 4 * first;
  let count = min(UNIT_VALUES, word(p, 4) - first);
  for (; count >= 4; count -= 4, x += 16, dy += 16, dx += 16) {
    v128.store(dx, f32x4.mul(v128.load(dy), geluSlope4(v128.load(x), exact)));
  }
  for (; count > 0; count--, x += 4, dy += 4, dx += 4) {
    store<f32>(dx, load<f32>(dy) * f32x4.extract_lane(geluSlope4(v128.load32_splat(x), exact), 0));
  }
}
