import { operand, UNIT_VALUES, word } from "../kernel.as";
import { geluRow, geluSlopeRow } from "./functions.as";

// y = gelu(x). Operands: x, y. Words: values, exact.
export function gelu(p: usize, unit: u32, _scratch: usize): void {
  const first = unit * UNIT_VALUES;
  const count = min(UNIT_VALUES, word(p, 3) - first);
  geluRow(operand(p, 0) + 4 * first, operand(p, 1) + 4 * first, count, word(p, 4) != 0);
}

// dx = dy gelu'(x). Operands: x, dy, dx. Words: values, exact.
export function geluGradient(p: usize, unit: u32, _scratch: usize): void {
  const first = unit * UNIT_VALUES, from: usize = 4 * first;
  const count = min(UNIT_VALUES, word(p, 4) - first);
  geluSlopeRow(operand(p, 0) + from, operand(p, 1) + from, operand(p, 2) + from, count, word(p, 5) != 0);
}
