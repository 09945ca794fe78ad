/**
 * How the residual stream of a model varies.
 *
 * @module
 */

import { Graph } from "../../graph/graph.ts";
import { plan } from "../../graph/plan.ts";
import type { Model } from "../../model/model.ts";
import { matmul } from "../../ops/matmul/mod.ts";
import { teacherStreams } from "../repair/streams.ts";

/**
 * Sums up, over all that a model's norms read of the stream, the products of what they make of it but for gains and
 * biases: `[width, width]`. Every position and every layer counts the same, as a norm takes the size of a position away.
 *
 * @param sequences Calibration text: sequences of equal length.
 * @throws {RangeError} If lengths differ or a token is not in the vocabulary.
 */
export async function streamCovariance(
  model: Model,
  sequences: readonly (readonly number[])[],
): Promise<Float32Array> {
  const { width } = model.config;
  const streams = (await teacherStreams(model, sequences)).values;
  const rows = [...streams.values()].reduce((sum, { length }) => sum + length / width, 0);
  const graph = new Graph();
  const input = graph.input("rows", [rows, width]);
  const products = graph.output(matmul(input, input, { form: "TN" }));
  using program = await model.device.compile(plan(graph));
  program.run({ rows: normalised([...streams.values()], rows, width) });
  return await program.read(products);
}

function normalised(streams: readonly Float32Array[], rows: number, width: number): Float32Array<ArrayBuffer> {
  const all = new Float32Array(rows * width);
  let first = 0;
  for (const stream of streams) {
    all.set(stream, first);
    first += stream.length;
  }
  for (let row = 0; row < all.length; row += width) {
    let sum = 0, squares = 0;
    for (let i = row; i < row + width; i++) sum += all[i]!;
    const mean = sum / width;
    for (let i = row; i < row + width; i++) squares += (all[i]! - mean) ** 2;
    const deviation = Math.sqrt(squares / width) || 1;
    for (let i = row; i < row + width; i++) all[i] = (all[i]! - mean) / deviation;
  }
  return all;
}
