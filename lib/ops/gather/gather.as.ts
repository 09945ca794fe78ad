import { operand, word } from "../kernel.as";

// out[r, c] = x[rows[r], columns[c]], or with `scatter` out[rows[r], columns[c]] += x[r, c]. Values are moved as bits,
// since they may be whole numbers. Operands: smaller, larger, rows, columns.
// Words: rows and columns of the smaller, columns of the larger, whether rows and columns are picked, scatter, rows of a unit.
export function gather(p: usize, unit: u32, _scratch: usize): void {
  const width = word(p, 6), stride = word(p, 7), most = word(p, 11);
  const first = unit * most, last = min(word(p, 5), first + most);
  const pickRows = word(p, 8) != 0, pickColumns = word(p, 9) != 0, scatter = word(p, 10) != 0;
  for (let r = first; r < last; r++) {
    const row = pickRows ? load<u32>(operand(p, 2) + 4 * r) : r;
    const near = operand(p, 0) + 4 * width * r, far = operand(p, 1) + 4 * stride * row;
    for (let c: u32 = 0; c < width; c++) {
      const at = far + 4 * (pickColumns ? load<u32>(operand(p, 3) + 4 * c) : c);
      if (scatter) store<f32>(at, load<f32>(at) + load<f32>(near + 4 * c));
      else store<u32>(near + 4 * c, load<u32>(at));
    }
  }
}
