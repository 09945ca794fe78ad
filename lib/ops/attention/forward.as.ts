// o = softmax(scale q k^T, causal) v, block by block of queries, and each row's log-sum-exp for the backward pass.
import { operand, real, word } from "../kernel.as";
import { EDGE_BYTES, multiply } from "../matmul/block.as";
import { log } from "../simd/log.as";
import { exponentiate, largestOf, multiplyRow } from "../simd/rows.as";
import { packLeft, packPlain, packTransposed, padded, paddedRows, score } from "./head.as";

// Operands: qkv [batch, tokens, heads, (q, k, v), size], out, lse. Words: tokens, heads, size, scale, rows of a block.
export function attention(p: usize, unit: u32, scratch: usize): void {
  const tokens = word(p, 4), heads = word(p, 5), size = word(p, 6), block = word(p, 8);
  const scale = real(p, 7);
  const sequence = unit / heads, head = unit % heads;
  const stride: usize = 12 * heads * size, outStride: usize = 4 * heads * size;
  const q = operand(p, 0) + sequence * tokens * stride + 12 * head * size;
  const out = operand(p, 1) + sequence * tokens * outStride + 4 * head * size;
  const lse = operand(p, 2) + 4 * tokens * unit;

  const across = padded(tokens), scoreStride: usize = 4 * across;
  const keys = scratch + EDGE_BYTES;
  const values = keys + 4 * across * size;
  const left = values + 4 * padded(size) * tokens;
  const scores = left + 4 * paddedRows(block) * max(size, tokens);
  packTransposed(q + 4 * size, keys, tokens, size, stride);
  packPlain(q + 8 * size, values, tokens, size, stride);

  for (let start: u32 = 0; start < tokens; start += block) {
    const rows = min(block, tokens - start), seen = start + rows;
    packLeft(q + start * stride, left, rows, size, stride);
    score(left, keys, scores, scoreStride, rows, seen, size, scratch);
    for (let i: u32 = 0; i < rows; i++) softmax(scores + i * scoreStride, start + i + 1, seen, scale, lse + 4 * (start + i));
    packLeft(scores, left, rows, seen, scoreStride);
    const to = out + start * outStride;
    multiply(left, values, 64 * tokens, to, outStride, rows, size, seen, false, scratch);
  }
}

// Turns the first `visible` scores of a row into probabilities and the others, up to `end`, into zeros.
function softmax(row: usize, visible: u32, end: u32, scale: f32, lse: usize): void {
  const top = scale * largestOf(row, visible); // scale is positive
  const sum = exponentiate(row, visible, scale, -top);
  store<f32>(lse, top + log(sum));
  multiplyRow(row, visible, <f32>1 / sum);
  memory.fill(row + 4 * visible, 0, 4 * (end - visible));
}
