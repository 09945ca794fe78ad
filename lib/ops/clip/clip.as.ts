import { operand, real } from "../kernel.as";

// norm = sqrt(squares); factor = min(1, maximum / norm), or 1 where clipping is off.
// Operands: squares, norm, factor. Words: maximum.
export function clip(p: usize, _unit: u32, _scratch: usize): void {
  const maximum = real(p, 4);
  const norm = sqrt<f32>(load<f32>(operand(p, 0)));
  store<f32>(operand(p, 1), norm);
  store<f32>(operand(p, 2), maximum > 0 && norm > maximum ? maximum / norm : 1);
}
