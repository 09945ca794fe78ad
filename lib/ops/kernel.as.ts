// What every kernel reads: its parameters, 32-bit words at `p`. The first is the address of the node's shared scratch
// memory, then come the operands' addresses, then the words that the op adds.

// @ts-ignore: decorator
@inline
export function shared(p: usize): usize {
  return load<u32>(p);
}

// @ts-ignore: decorator
@inline
export function operand(p: usize, i: usize): usize {
  return load<u32>(p + 4 + 4 * i);
}

// @ts-ignore: decorator
@inline
export function word(p: usize, i: usize): u32 {
  return load<u32>(p + 4 * i);
}

// @ts-ignore: decorator
@inline
export function real(p: usize, i: usize): f32 {
  return load<f32>(p + 4 * i);
}

// a b + c: fused where the build has relaxed SIMD and the processor can.
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

// The values of one unit of an elementwise kernel; UNIT_VALUES of instruction.ts.
export const UNIT_VALUES: u32 = 16384;

// Where the host says, other than 0, that the engine joins pairs of four-lane registers into eight lanes.
export const WIDE: usize = 1480;
