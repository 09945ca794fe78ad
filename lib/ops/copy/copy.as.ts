// Moves and fills memory; the device itself uses them for inputs, results and cleared gradients.
import { operand, UNIT_VALUES, word } from "../kernel.as";

// out = x. Operands: x, out. Words: values.
export function copy(p: usize, unit: u32, _scratch: usize): void {
  const first = unit * UNIT_VALUES;
  const count = min(UNIT_VALUES, word(p, 3) - first);
  memory.copy(operand(p, 1) + 4 * first, operand(p, 0) + 4 * first, 4 * count);
}

// out = 0. Operands: out. Words: values.
export function fill(p: usize, unit: u32, _scratch: usize): void {
  const first = unit * UNIT_VALUES;
  memory.fill(operand(p, 0) + 4 * first, 0, 4 * min(UNIT_VALUES, word(p, 2) - first));
}
