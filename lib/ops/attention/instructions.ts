/**
 * Attention's passes as instructions of the CPU.
 *
 * @module
 */

import { BYTES_PER_ELEMENT, float, type Instruction, type Tensor, whole } from "../define.ts";
import type { AttentionSizes } from "./kernels.ts";

// These numbers stand in matmul/tile.as.ts and matmul/block.as.ts too.
const TILE = { rows: 6, columns: 16 };
const EDGE_BYTES = 384;
/** Queries of a block, whole tiles: shorter ones compute less of the masked half, longer ones use each panel more. */
const BLOCK = 48;

/** Returns the instruction of the forward pass. */
export function forwardInstruction(
  operands: [qkv: Tensor, out: Tensor, lse: Tensor],
  sizes: AttentionSizes,
): Instruction {
  const { across, down, block, panel } = lengths(sizes);
  const { sequence, size } = sizes;
  const left = block * Math.max(size, sequence);
  const values = across * size + panel * sequence + left + down * across;
  return instruction("attention", operands, sizes, block, values);
}

/** Returns the instruction of the backward pass. */
export function backwardInstruction(
  operands: [qkv: Tensor, out: Tensor, lse: Tensor, dout: Tensor, dqkv: Tensor, delta: Tensor],
  sizes: AttentionSizes,
): Instruction {
  const { across, down, block, panel } = lengths(sizes);
  const { sequence, size } = sizes;
  const left = Math.max(block * Math.max(size, sequence), roundUp(sequence, TILE.rows) * block);
  const values = 2 * across * size + panel * sequence + panel * block + left + 2 * down * across;
  return instruction("attentionGradient", operands, sizes, block, values);
}

function lengths({ sequence, size }: AttentionSizes) {
  const block = Math.min(BLOCK, roundUp(sequence, TILE.rows));
  return { across: roundUp(sequence, TILE.columns), panel: roundUp(size, TILE.columns), block, down: block };
}

function instruction(
  kernel: "attention" | "attentionGradient",
  operands: readonly Tensor[],
  { batch, sequence, heads, size, scale }: AttentionSizes,
  block: number,
  scratchValues: number,
): Instruction {
  return {
    kernel,
    operands: operands.map(whole),
    words: [sequence, heads, size, float(scale), block],
    units: batch * heads,
    threadBytes: EDGE_BYTES + scratchValues * BYTES_PER_ELEMENT,
  };
}

function roundUp(length: number, unit: number): number {
  return Math.ceil(length / unit) * unit;
}
