// The gradient of attention, with p recomputed from the saved log-sum-exp and d_i = do_i o_i (Dao et al. 2022, arXiv
// 2205.14135, appendix B.2): ds = scale p (do v^T - d), dq = ds k, dk = ds^T q, dv = p^T do.
import { madd, operand, real, word } from "../kernel.as";
import { EDGE_BYTES, multiply } from "../matmul/block.as";
import { exp4 } from "../simd/exp.as";
import { total } from "../simd/lanes.as";
import { packLeft, packLeftTransposed, packPlain, packTransposed, padded, paddedRows, score } from "./head.as";

// Operands: qkv, out, lse, dout, dqkv, delta. Words: tokens, heads, size, scale, rows of a block.
export function attentionGradient(p: usize, unit: u32, scratch: usize): void {
  const tokens = word(p, 7), heads = word(p, 8), size = word(p, 9), block = word(p, 11);
  const scale = real(p, 10);
  const sequence = unit / heads, head = unit % heads;
  const stride: usize = 12 * heads * size, outStride: usize = 4 * heads * size;
  const qkvAt = sequence * tokens * stride + 12 * head * size;
  const outAt = sequence * tokens * outStride + 4 * head * size;
  const q = operand(p, 0) + qkvAt, dq = operand(p, 4) + qkvAt;
  const out = operand(p, 1) + outAt, dout = operand(p, 3) + outAt;
  const lse = operand(p, 2) + 4 * tokens * unit, delta = operand(p, 5) + 4 * tokens * unit;

  const across = padded(tokens), scoreStride: usize = 4 * across;
  const keys = scratch + EDGE_BYTES;
  const values = keys + 4 * across * size;
  const plainKeys = values + 4 * across * size;
  const right = plainKeys + 4 * padded(size) * tokens;
  const left = right + 4 * padded(size) * block;
  const scores = left + 4 * max(paddedRows(block) * max(size, tokens), paddedRows(tokens) * block);
  const slopes = scores + paddedRows(block) * scoreStride;
  packTransposed(q + 4 * size, keys, tokens, size, stride);
  packTransposed(q + 8 * size, values, tokens, size, stride);
  packPlain(q + 4 * size, plainKeys, tokens, size, stride);
  for (let i: u32 = 0; i < tokens; i++) memory.fill(dq + i * stride + 4 * size, 0, 8 * size);

  for (let start: u32 = 0; start < tokens; start += block) {
    const rows = min(block, tokens - start), seen = start + rows;
    const blockQ = q + start * stride, blockD = dout + start * outStride;
    packLeft(blockQ, left, rows, size, stride);
    score(left, keys, scores, scoreStride, rows, seen, size, scratch);
    packLeft(blockD, left, rows, size, outStride);
    score(left, values, slopes, scoreStride, rows, seen, size, scratch);
    for (let i: u32 = 0; i < rows; i++) {
      const centre = dot(blockD + i * outStride, out + (start + i) * outStride, size);
      store<f32>(delta + 4 * (start + i), centre);
      const at = i * scoreStride;
      weigh(scores + at, slopes + at, start + i + 1, seen, scale, load<f32>(lse + 4 * (start + i)), centre);
    }
    packLeft(slopes, left, rows, seen, scoreStride);
    multiply(left, plainKeys, 64 * tokens, dq + start * stride, stride, rows, size, seen, false, scratch);
    packLeftTransposed(slopes, left, rows, seen, scoreStride);
    packPlain(blockQ, right, rows, size, stride);
    multiply(left, right, 64 * rows, dq + 4 * size, stride, seen, size, rows, true, scratch);
    packLeftTransposed(scores, left, rows, seen, scoreStride);
    packPlain(blockD, right, rows, size, outStride);
    multiply(left, right, 64 * rows, dq + 8 * size, stride, seen, size, rows, true, scratch);
  }
}

// Turns scores into probabilities p and slopes into scale p (slope - centre); zeros from `visible` to `end`.
function weigh(scores: usize, slopes: usize, visible: u32, end: u32, scale: f32, lse: f32, centre: f32): void {
  const eight: usize = 4 * (visible & ~7), last: usize = 4 * visible;
  const scales = f32x4.splat(scale), shift = f32x4.splat(-lse), centres = f32x4.splat(centre);
  let at: usize = 0;
  for (; at < eight; at += 32) {
    const a = exp4(madd(v128.load(scores + at), scales, shift));
    const b = exp4(madd(v128.load(scores + at, 16), scales, shift));
    const c = f32x4.mul(f32x4.mul(a, scales), f32x4.sub(v128.load(slopes + at), centres));
    const d = f32x4.mul(f32x4.mul(b, scales), f32x4.sub(v128.load(slopes + at, 16), centres));
    v128.store(scores + at, a);
    v128.store(scores + at, b, 16);
    v128.store(slopes + at, c);
    v128.store(slopes + at, d, 16);
  }
  for (; at < last; at += 4) {
    const e = f32x4.extract_lane(exp4(madd(v128.load32_splat(scores + at), scales, shift)), 0);
    store<f32>(scores + at, e);
    store<f32>(slopes + at, e * scale * (load<f32>(slopes + at) - centre));
  }
  memory.fill(scores + last, 0, 4 * (end - visible));
  memory.fill(slopes + last, 0, 4 * (end - visible));
}

function dot(a: usize, b: usize, size: u32): f32 {
  let sums = f32x4.splat(0);
  let i: usize = 0;
  const four: usize = 4 * (size & ~3), end: usize = 4 * size;
  for (; i < four; i += 16) sums = madd(v128.load(a + i), v128.load(b + i), sums);
  let sum = total(sums);
  for (; i < end; i += 4) sum += load<f32>(a + i) * load<f32>(b + i);
  return sum;
}
