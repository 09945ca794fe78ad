/**
 * Output projections of a student, refitted to what its teacher produced.
 *
 * @module
 */

import type { Inputs } from "../../devices/device.ts";
import { blockShapes } from "../../model/blocks.ts";
import type { GPTNeoXConfig } from "../../model/config.ts";
import { hiddenFlopsPerToken } from "../../model/flops.ts";
import { type Model, replaceParameters } from "../../model/model.ts";
import type { ParameterValues } from "../../model/parameters.ts";
import { settled } from "../../settled.ts";
import type { SubNetwork } from "../sub_network.ts";
import { BlockPass } from "./block_pass.ts";
import { regress, weightOf } from "./regression.ts";
import { streamsOf, type TeacherStreams } from "./streams.ts";

/** How projections are refitted. */
export interface RefitOptions {
  /**
   * Weight of the squared change of the projections against the squared error, as a share of the mean square of what
   * they read. At least 1e-5.
   *
   * @default {0.01}
   */
  readonly ridge?: number;
}

/** Below it, rounding of the 32-bit sums of products would decide. */
const SMALLEST_RIDGE = 1e-5;

/**
 * Refits the output projections of each block, first to last, so that the student's residual stream follows the
 * teacher's on calibration text: by ridge regression, with the inherited weights as the prior, from what the block's
 * heads and neurons put out to what the stream is in the teacher before the next layer that is kept. So a block also
 * learns what layers that were dropped behind it did. Where the feed-forward network reads what attention wrote, only
 * its own projection is refitted.
 *
 * @param text Calibration text: sequences of equal length; more tokens than a block has heads' dimensions and neurons,
 *   or the ridge decides much. Or the teacher's streams on it, where they are known.
 * @throws {RangeError} If `ridge` is too small, lengths differ or a token is not in the vocabulary.
 */
export async function refitProjections(
  teacher: Model,
  student: Model,
  { layers, width: kept }: SubNetwork,
  text: readonly (readonly number[])[] | TeacherStreams,
  { ridge = 0.01 }: RefitOptions = {},
): Promise<void> {
  if (!(ridge >= SMALLEST_RIDGE)) {
    throw new RangeError(`Cannot refit projections: 'ridge' must be at least ${SMALLEST_RIDGE}, found ${ridge}`);
  }
  const { sequences, values } = await streamsOf(teacher, text);
  const { layers: depth, width } = teacher.config;
  const parts = student.config.parallelResidual ? ["attention", "mlp"] : ["mlp"];
  const tokens = Uint32Array.from(sequences.flat());
  using passes = new DisposableStack();
  const passOf = async (layer: number, before?: BlockPass) => {
    if (layer === layers.length) return undefined;
    const text = { batch: sequences.length, rows: tokens.length, parts };
    return passes.use(await BlockPass.create(student, layer, text, refitted(layer, parts), before));
  };
  const repaired: ParameterValues = new Map();
  let inputs: Inputs = { tokens };
  let before: BlockPass | undefined;
  let pass = await passOf(0);
  for (let layer = 0; pass; layer++) {
    const next = layers[layer + 1];
    const behind = values.get(next === undefined ? `blocks.${depth - 1}.output` : `blocks.${next}.input`)!;
    // The next block is compiled while this one runs.
    const [{ gram, cross, parameters }, following] = await settled([
      pass.run({ ...inputs, wanted: keptOf(behind, kept, width) }),
      passOf(layer + 1, pass),
    ]);
    before?.[Symbol.dispose]();
    const change = regress(gram, cross, pass.size, ridge);
    addChange(parameters, `gpt_neox.layers.${layer}`, parts, change, kept.length);
    parameters.forEach((values, name) => repaired.set(name, values));
    inputs = { change: weightOf(change, kept.length) };
    [before, pass] = [pass, following];
  }
  replaceParameters(student, repaired);
}

/**
 * Counts the floating-point operations of {@linkcode refitProjections} where the teacher's streams are known: a pass of
 * the student over the text and, for each block, the two products that make its normal equations, their solution by
 * Cholesky's factorisation (a third of a cube, and two substitutions), and the change of the stream, but for the last.
 *
 * @param tokens Tokens of the text, in sequences of `sequence`.
 */
export function refitFlops(student: GPTNeoXConfig, tokens: number, sequence: number): number {
  const { width, layers, parallelResidual } = student;
  return blockShapes(student).reduce((sum, { heads, headSize, mlpWidth }, layer) => {
    const size = (parallelResidual ? heads * headSize : 0) + mlpWidth + 1;
    const change = layer < layers - 1 ? 2 * tokens * size * width : 0;
    return sum + 2 * tokens * size * (size + width) + size ** 3 / 3 + 2 * size ** 2 * width + change;
  }, tokens * hiddenFlopsPerToken(student, sequence));
}

/** The kept dimensions of a stream of the teacher's. */
function keptOf(stream: Float32Array, kept: readonly number[], width: number): Float32Array<ArrayBuffer> {
  const rows = stream.length / width;
  const values = new Float32Array(rows * kept.length);
  for (let at = 0, row = 0; at < values.length; row += width) {
    for (const place of kept) values[at++] = stream[row + place]!;
  }
  return values;
}

const projections: Readonly<Record<string, string>> = { attention: "attention.dense", mlp: "mlp.dense_4h_to_h" };

/** Names the parameters of a block that are refitted. */
function refitted(layer: number, parts: readonly string[]): string[] {
  const names = [...parts.map((part) => `${projections[part]}.weight`), `${projections["mlp"]}.bias`];
  return names.map((name) => `gpt_neox.layers.${layer}.${name}`);
}

/** Adds a change to the projections that read the parts, one after the other, and to the bias of the last. */
function addChange(
  parameters: ParameterValues,
  layer: string,
  parts: readonly string[],
  change: Float64Array,
  outputs: number,
): void {
  let first = 0;
  for (const part of parts) {
    const weight = parameters.get(`${layer}.${projections[part]}.weight`)!; // [outputs, inputs]
    const inputs = weight.length / outputs;
    for (let i = 0; i < weight.length; i++) {
      weight[i]! += change[(first + i % inputs) * outputs + Math.floor(i / inputs)]!;
    }
    first += inputs;
  }
  const bias = parameters.get(`${layer}.mlp.dense_4h_to_h.bias`)!;
  bias.forEach((_, i) => bias[i]! += change[first * outputs + i]!);
}
