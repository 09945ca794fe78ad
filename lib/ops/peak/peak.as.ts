// Multiply-adds on registers alone, in as many chains as hide their latency: what no kernel can exceed.
import { madd, operand, real, WIDE, word } from "../kernel.as";

// Operands: out, 96 values for each unit. Words: rounds of 24 multiply-adds of four values, factor, addend.
export function peakCompute(p: usize, unit: u32, _scratch: usize): void {
  const out = operand(p, 0) + 384 * unit;
  const rounds = word(p, 2);
  const factor = real(p, 3), addend = real(p, 4);
  if (load<u32>(WIDE)) chains24(out, rounds, factor, addend);
  else chains12(out, 2 * rounds, factor, addend);
}

function chains12(out: usize, rounds: u32, by: f32, plus: f32): void {
  const factor = f32x4.splat(by), addend = f32x4.splat(plus);
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0), c2 = f32x4.splat(0), c3 = f32x4.splat(0),
    c4 = f32x4.splat(0), c5 = f32x4.splat(0), c6 = f32x4.splat(0), c7 = f32x4.splat(0),
    c8 = f32x4.splat(0), c9 = f32x4.splat(0), c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  for (; rounds > 0; rounds--) {
    c0 = madd(c0, factor, addend);
    c1 = madd(c1, factor, addend);
    c2 = madd(c2, factor, addend);
    c3 = madd(c3, factor, addend);
    c4 = madd(c4, factor, addend);
    c5 = madd(c5, factor, addend);
    c6 = madd(c6, factor, addend);
    c7 = madd(c7, factor, addend);
    c8 = madd(c8, factor, addend);
    c9 = madd(c9, factor, addend);
    c10 = madd(c10, factor, addend);
    c11 = madd(c11, factor, addend);
  }
  v128.store(out, c0, 0);
  v128.store(out, c1, 16);
  v128.store(out, c2, 32);
  v128.store(out, c3, 48);
  v128.store(out, c4, 64);
  v128.store(out, c5, 80);
  v128.store(out, c6, 96);
  v128.store(out, c7, 112);
  v128.store(out, c8, 128);
  v128.store(out, c9, 144);
  v128.store(out, c10, 160);
  v128.store(out, c11, 176);
}

function chains24(out: usize, rounds: u32, by: f32, plus: f32): void {
  const factor = f32x4.splat(by), addend = f32x4.splat(plus);
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0), c2 = f32x4.splat(0), c3 = f32x4.splat(0),
    c4 = f32x4.splat(0), c5 = f32x4.splat(0), c6 = f32x4.splat(0), c7 = f32x4.splat(0),
    c8 = f32x4.splat(0), c9 = f32x4.splat(0), c10 = f32x4.splat(0), c11 = f32x4.splat(0),
    c12 = f32x4.splat(0), c13 = f32x4.splat(0), c14 = f32x4.splat(0), c15 = f32x4.splat(0),
    c16 = f32x4.splat(0), c17 = f32x4.splat(0), c18 = f32x4.splat(0), c19 = f32x4.splat(0),
    c20 = f32x4.splat(0), c21 = f32x4.splat(0), c22 = f32x4.splat(0), c23 = f32x4.splat(0);
  for (; rounds > 0; rounds--) {
    c0 = madd(c0, factor, addend);
    c1 = madd(c1, factor, addend);
    c2 = madd(c2, factor, addend);
    c3 = madd(c3, factor, addend);
    c4 = madd(c4, factor, addend);
    c5 = madd(c5, factor, addend);
    c6 = madd(c6, factor, addend);
    c7 = madd(c7, factor, addend);
    c8 = madd(c8, factor, addend);
    c9 = madd(c9, factor, addend);
    c10 = madd(c10, factor, addend);
    c11 = madd(c11, factor, addend);
    c12 = madd(c12, factor, addend);
    c13 = madd(c13, factor, addend);
    c14 = madd(c14, factor, addend);
    c15 = madd(c15, factor, addend);
    c16 = madd(c16, factor, addend);
    c17 = madd(c17, factor, addend);
    c18 = madd(c18, factor, addend);
    c19 = madd(c19, factor, addend);
    c20 = madd(c20, factor, addend);
    c21 = madd(c21, factor, addend);
    c22 = madd(c22, factor, addend);
    c23 = madd(c23, factor, addend);
  }
  v128.store(out, c0, 0);
  v128.store(out, c1, 16);
  v128.store(out, c2, 32);
  v128.store(out, c3, 48);
  v128.store(out, c4, 64);
  v128.store(out, c5, 80);
  v128.store(out, c6, 96);
  v128.store(out, c7, 112);
  v128.store(out, c8, 128);
  v128.store(out, c9, 144);
  v128.store(out, c10, 160);
  v128.store(out, c11, 176);
  v128.store(out, c12, 192);
  v128.store(out, c13, 208);
  v128.store(out, c14, 224);
  v128.store(out, c15, 240);
  v128.store(out, c16, 256);
  v128.store(out, c17, 272);
  v128.store(out, c18, 288);
  v128.store(out, c19, 304);
  v128.store(out, c20, 320);
  v128.store(out, c21, 336);
  v128.store(out, c22, 352);
  v128.store(out, c23, 368);
}
