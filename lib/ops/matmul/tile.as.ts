// The inner loop of every matrix product: a tile of C stays in registers while panels of A and B stream by.
//
// Panels are packed: A six rows at a time, [k][6], B sixteen columns at a time, [k][16].
import { madd } from "../kernel.as";

export const ROWS: u32 = 6;
export const COLUMNS: u32 = 16;

// @ts-ignore: decorator
@inline
function zero(): v128 {
  return f32x4.splat(0);
}

// C[6, 16] = A B. 24 registers of four lanes: for engines that join pairs of them into eight.
export function wideTile(a: usize, b: usize, c: usize, ldc: usize, k: u32): void {
  let c0$0 = zero(), c0$1 = zero(), c0$2 = zero(), c0$3 = zero();
  let c1$0 = zero(), c1$1 = zero(), c1$2 = zero(), c1$3 = zero();
  let c2$0 = zero(), c2$1 = zero(), c2$2 = zero(), c2$3 = zero();
  let c3$0 = zero(), c3$1 = zero(), c3$2 = zero(), c3$3 = zero();
  let c4$0 = zero(), c4$1 = zero(), c4$2 = zero(), c4$3 = zero();
  let c5$0 = zero(), c5$1 = zero(), c5$2 = zero(), c5$3 = zero();
  for (; k > 0; k--, a += 24, b += 64) {
    const b0 = v128.load(b, 0);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    let r: v128;
    r = v128.load32_splat(a, 0);
    c0$0 = madd(r, b0, c0$0);
    c0$1 = madd(r, b1, c0$1);
    c0$2 = madd(r, b2, c0$2);
    c0$3 = madd(r, b3, c0$3);
    r = v128.load32_splat(a, 4);
    c1$0 = madd(r, b0, c1$0);
    c1$1 = madd(r, b1, c1$1);
    c1$2 = madd(r, b2, c1$2);
    c1$3 = madd(r, b3, c1$3);
    r = v128.load32_splat(a, 8);
    c2$0 = madd(r, b0, c2$0);
    c2$1 = madd(r, b1, c2$1);
    c2$2 = madd(r, b2, c2$2);
    c2$3 = madd(r, b3, c2$3);
    r = v128.load32_splat(a, 12);
    c3$0 = madd(r, b0, c3$0);
    c3$1 = madd(r, b1, c3$1);
    c3$2 = madd(r, b2, c3$2);
    c3$3 = madd(r, b3, c3$3);
    r = v128.load32_splat(a, 16);
    c4$0 = madd(r, b0, c4$0);
    c4$1 = madd(r, b1, c4$1);
    c4$2 = madd(r, b2, c4$2);
    c4$3 = madd(r, b3, c4$3);
    r = v128.load32_splat(a, 20);
    c5$0 = madd(r, b0, c5$0);
    c5$1 = madd(r, b1, c5$1);
    c5$2 = madd(r, b2, c5$2);
    c5$3 = madd(r, b3, c5$3);
  }
  v128.store(c, c0$0, 0);
  v128.store(c, c0$1, 16);
  v128.store(c, c0$2, 32);
  v128.store(c, c0$3, 48);
  c += ldc;
  v128.store(c, c1$0, 0);
  v128.store(c, c1$1, 16);
  v128.store(c, c1$2, 32);
  v128.store(c, c1$3, 48);
  c += ldc;
  v128.store(c, c2$0, 0);
  v128.store(c, c2$1, 16);
  v128.store(c, c2$2, 32);
  v128.store(c, c2$3, 48);
  c += ldc;
  v128.store(c, c3$0, 0);
  v128.store(c, c3$1, 16);
  v128.store(c, c3$2, 32);
  v128.store(c, c3$3, 48);
  c += ldc;
  v128.store(c, c4$0, 0);
  v128.store(c, c4$1, 16);
  v128.store(c, c4$2, 32);
  v128.store(c, c4$3, 48);
  c += ldc;
  v128.store(c, c5$0, 0);
  v128.store(c, c5$1, 16);
  v128.store(c, c5$2, 32);
  v128.store(c, c5$3, 48);
}

// The left eight columns of the same. 12 registers of four lanes: the most that 16 registers can hold with their operands.
export function halfTile(a: usize, b: usize, c: usize, ldc: usize, k: u32): void {
  let c0$0 = zero(), c0$1 = zero();
  let c1$0 = zero(), c1$1 = zero();
  let c2$0 = zero(), c2$1 = zero();
  let c3$0 = zero(), c3$1 = zero();
  let c4$0 = zero(), c4$1 = zero();
  let c5$0 = zero(), c5$1 = zero();
  for (; k > 0; k--, a += 24, b += 64) {
    const b0 = v128.load(b, 0);
    const b1 = v128.load(b, 16);
    let r: v128;
    r = v128.load32_splat(a, 0);
    c0$0 = madd(r, b0, c0$0);
    c0$1 = madd(r, b1, c0$1);
    r = v128.load32_splat(a, 4);
    c1$0 = madd(r, b0, c1$0);
    c1$1 = madd(r, b1, c1$1);
    r = v128.load32_splat(a, 8);
    c2$0 = madd(r, b0, c2$0);
    c2$1 = madd(r, b1, c2$1);
    r = v128.load32_splat(a, 12);
    c3$0 = madd(r, b0, c3$0);
    c3$1 = madd(r, b1, c3$1);
    r = v128.load32_splat(a, 16);
    c4$0 = madd(r, b0, c4$0);
    c4$1 = madd(r, b1, c4$1);
    r = v128.load32_splat(a, 20);
    c5$0 = madd(r, b0, c5$0);
    c5$1 = madd(r, b1, c5$1);
  }
  v128.store(c, c0$0, 0);
  v128.store(c, c0$1, 16);
  c += ldc;
  v128.store(c, c1$0, 0);
  v128.store(c, c1$1, 16);
  c += ldc;
  v128.store(c, c2$0, 0);
  v128.store(c, c2$1, 16);
  c += ldc;
  v128.store(c, c3$0, 0);
  v128.store(c, c3$1, 16);
  c += ldc;
  v128.store(c, c4$0, 0);
  v128.store(c, c4$1, 16);
  c += ldc;
  v128.store(c, c5$0, 0);
  v128.store(c, c5$1, 16);
}
