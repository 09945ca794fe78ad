import { operand, real, word } from "../kernel.as";
import { exponentiate, largestOf, multiplyRow } from "../simd/rows.as";

// The softmax of each row times `cool`. Operands: logits, probabilities. Words: rows, width, cool, rows of a unit.
export function softmax(p: usize, unit: u32, _scratch: usize): void {
  const width = word(p, 4), cool = real(p, 5), most = word(p, 6);
  const first = unit * most, last = min(word(p, 3), first + most);
  for (let row = first; row < last; row++) {
    const to = operand(p, 1) + 4 * width * row;
    memory.copy(to, operand(p, 0) + 4 * width * row, 4 * width);
    const top = largestOf(to, width);
    multiplyRow(to, width, 1 / exponentiate(to, width, cool, -cool * top));
  }
}
