import { operand, real, word } from "../kernel.as";
import { log } from "../simd/log.as";
import { exponentiate, largestOf, multiplyRow, sumExponentials } from "../simd/rows.as";

const IGNORED: u32 = 0xffffffff;

// The loss of each row of logits, and with `gradient` the logits replaced by (softmax - one-hot) scale.
// Operands: targets, logits, losses. Words: rows, width, gradient, scale, rows of a unit.
export function crossEntropyRows(p: usize, unit: u32, _scratch: usize): void {
  const width = word(p, 5), most = word(p, 8);
  const first = unit * most, last = min(word(p, 4), first + most);
  const gradient = word(p, 6) != 0;
  for (let row = first; row < last; row++) {
    const logits = operand(p, 1) + 4 * width * row;
    const target = load<u32>(operand(p, 0) + 4 * row);
    const known = target != IGNORED;
    const wanted: f32 = known ? load<f32>(logits + 4 * target) : 0;
    const top = largestOf(logits, width);
    const sum = gradient ? exponentiate(logits, width, 1, -top) : sumExponentials(logits, width, 1, -top);
    store<f32>(operand(p, 2) + 4 * row, known ? top + log(sum) - wanted : 0);
    if (!gradient) continue;
    const scale: f32 = known ? real(p, 7) : 0;
    multiplyRow(logits, width, scale / sum);
    if (known) store<f32>(logits + 4 * target, load<f32>(logits + 4 * target) - scale);
  }
}
