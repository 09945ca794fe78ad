/**
 * Output projections of a student, refitted to what its teacher produced.
 *
 * @module
 */

import type { Device } from "../../devices/device.ts";
import { Graph } from "../../graph/graph.ts";
import { plan } from "../../graph/plan.ts";
import { blockShapes } from "../../model/blocks.ts";
import type { GPTNeoXConfig } from "../../model/config.ts";
import { hiddenFlopsPerToken } from "../../model/flops.ts";
import { capture } from "../../model/forward.ts";
import { type Model, writePages } from "../../model/model.ts";
import type { ParameterValues } from "../../model/parameters.ts";
import { matmul } from "../../ops/matmul/mod.ts";
import type { SubNetwork } from "../sub_network.ts";
import { solveSymmetric } from "./cholesky.ts";

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
 * @param sequences Calibration text: sequences of equal length; more tokens than a block has heads' dimensions and
 *   neurons, or the ridge decides much.
 * @throws {RangeError} If `ridge` is too small, lengths differ or a token is not in the vocabulary.
 */
export async function refitProjections(
  teacher: Model,
  student: Model,
  { layers, width }: SubNetwork,
  sequences: readonly (readonly number[])[],
  { ridge = 0.01 }: RefitOptions = {},
): Promise<void> {
  if (!(ridge >= SMALLEST_RIDGE)) {
    throw new RangeError(`Cannot refit projections: 'ridge' must be at least ${SMALLEST_RIDGE}, found ${ridge}`);
  }
  const wanted = layers.map((_, i) => {
    const next = layers[i + 1];
    return next === undefined ? `blocks.${teacher.config.layers - 1}.output` : `blocks.${next}.input`;
  });
  const streams = await capture(teacher, sequences, wanted);
  const parameters = await student.parameters();
  for (const [i, name] of wanted.entries()) {
    const parts = student.config.parallelResidual ? ["attention", "mlp"] : ["mlp"];
    const names = [...parts, "output"].map((part) => `blocks.${i}.${part}`);
    const found = await capture(student, sequences, names);
    const output = found.get(names.at(-1)!)!;
    const inputs = names.slice(0, -1).map((part) => found.get(part)!);
    const missing = missingFrom(streams.get(name)!, output, width, teacher.config.width);
    const change = await regress(student.device, inputs, missing, width.length, ridge);
    addChange(parameters, `gpt_neox.layers.${i}`, parts, change, width.length);
    writePages(student.store, student.pages, "parameters", parameters);
  }
}

/**
 * Counts the floating-point operations of {@linkcode refitProjections}: a pass of the teacher over the text and, for
 * each block of the student, a pass of the student, the two products that make its normal equations, and their solution
 * by Cholesky's factorisation (a third of a cube, and two substitutions).
 *
 * @param tokens Tokens of the text, in sequences of `sequence`.
 */
export function refitProjectionsFlops(
  teacher: GPTNeoXConfig,
  student: GPTNeoXConfig,
  tokens: number,
  sequence: number,
): number {
  const { width, parallelResidual } = student;
  const pass = tokens * hiddenFlopsPerToken(student, sequence);
  return blockShapes(student).reduce((sum, { heads, headSize, mlpWidth }) => {
    const size = (parallelResidual ? heads * headSize : 0) + mlpWidth + 1;
    return sum + pass + 2 * tokens * size * (size + width) + size ** 3 / 3 + 2 * size ** 2 * width;
  }, tokens * hiddenFlopsPerToken(teacher, sequence));
}

/** What the student's stream lacks of the kept dimensions of the teacher's. */
function missingFrom(
  stream: Float32Array,
  output: Float32Array,
  kept: readonly number[],
  width: number,
): Float32Array<ArrayBuffer> {
  return Float32Array.from(output, (value, i) => {
    const row = Math.floor(i / kept.length);
    return stream[row * width + kept[i % kept.length]!]! - value;
  });
}

/** The change of a linear map, `[inputs + 1, outputs]` with the bias last, that makes up best for what is missing. */
async function regress(
  device: Device,
  inputs: readonly Float32Array[],
  missing: Float32Array<ArrayBuffer>,
  outputs: number,
  ridge: number,
): Promise<Float64Array> {
  const rows = missing.length / outputs;
  const z = sideBySide(inputs, rows);
  const size = z.length / rows;
  const graph = new Graph();
  const left = graph.input("z", [rows, size]);
  const gram = graph.output(matmul(left, left, { form: "TN" }));
  const cross = graph.output(matmul(left, graph.input("missing", [rows, outputs]), { form: "TN" }));
  using program = await device.compile(plan(graph));
  program.run({ z, missing });
  const a = Float64Array.from(await program.read(gram));
  let trace = 0;
  for (let i = 0; i < size - 1; i++) trace += a[i * size + i]! / (size - 1);
  for (let i = 0; i < size; i++) a[i * size + i]! += ridge * trace;
  const b = Float64Array.from(await program.read(cross));
  solveSymmetric(a, b, size);
  return b;
}

/** Columns of several matrices of as many rows, and a column of ones. */
function sideBySide(parts: readonly Float32Array[], rows: number): Float32Array<ArrayBuffer> {
  const widths = parts.map((part) => part.length / rows);
  const size = widths.reduce((sum, width) => sum + width, 1);
  const all = new Float32Array(rows * size).fill(1);
  for (let row = 0; row < rows; row++) {
    let at = row * size;
    for (const [i, part] of parts.entries()) {
      all.set(part.subarray(row * widths[i]!, (row + 1) * widths[i]!), at);
      at += widths[i]!;
    }
  }
  return all;
}

const projections: Readonly<Record<string, string>> = { attention: "attention.dense", mlp: "mlp.dense_4h_to_h" };

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
