import { operand, word } from "../kernel.as";

// out[i] = table[tokens[i]]. Operands: tokens, table, out. Words: positions, width, positions of a unit.
export function embedding(p: usize, unit: u32, _scratch: usize): void {
  const bytes: usize = 4 * word(p, 5), most = word(p, 6);
  const first = unit * most, last = min(word(p, 4), first + most);
  for (let i = first; i < last; i++) {
    const token = load<u32>(operand(p, 0) + 4 * i);
    memory.copy(operand(p, 2) + i * bytes, operand(p, 1) + token * bytes, bytes);
  }
}

// dtable[token] += the sum of dy over the token's positions, in order. Each bucket has one token of its own.
// Operands: dy, order, starts, ids, dtable. Words: buckets, width, buckets of a unit.
export function embeddingGradient(p: usize, unit: u32, _scratch: usize): void {
  const width = word(p, 7), most = word(p, 8);
  const first = unit * most, last = min(word(p, 6), first + most);
  const bytes: usize = 4 * width;
  for (let bucket = first; bucket < last; bucket++) {
    const start = load<u32>(operand(p, 2) + 4 * bucket), end = load<u32>(operand(p, 2) + 4 * bucket, 4);
    if (start == end) continue;
    const row = operand(p, 4) + load<u32>(operand(p, 3) + 4 * bucket) * bytes;
    let c: u32 = 0;
    for (; c + 4 <= width; c += 4) {
      let sum = f32x4.splat(0);
      for (let i = start; i < end; i++) {
        sum = f32x4.add(sum, v128.load(operand(p, 0) + load<u32>(operand(p, 1) + 4 * i) * bytes + 4 * c));
      }
      v128.store(row + 4 * c, f32x4.add(v128.load(row + 4 * c), sum));
    }
    for (; c < width; c++) {
      let sum: f32 = 0;
      for (let i = start; i < end; i++) {
        sum += load<f32>(operand(p, 0) + load<u32>(operand(p, 1) + 4 * i) * bytes + 4 * c);
      }
      store<f32>(row + 4 * c, load<f32>(row + 4 * c) + sum);
    }
  }
}
