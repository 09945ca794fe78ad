/**
 * Ridge regression of many outputs.
 *
 * @module
 */

import type { Device } from "../../devices/device.ts";
import { Graph } from "../../graph/graph.ts";
import { plan } from "../../graph/plan.ts";
import { linear, matmul } from "../../ops/matmul/mod.ts";
import { solveSymmetric } from "./cholesky.ts";

/**
 * Finds the linear map that makes up best for what is missing.
 *
 * @param read `[rows, inputs]`, the last column of ones.
 * @param missing `[rows, outputs]`.
 * @param ridge Weight of the squared map, as a share of the mean square of the inputs before the last.
 * @returns `[inputs, outputs]`.
 */
export async function regress(
  device: Device,
  read: Float32Array<ArrayBuffer>,
  missing: Float32Array<ArrayBuffer>,
  outputs: number,
  ridge: number,
): Promise<Float64Array> {
  const rows = missing.length / outputs;
  const size = read.length / rows;
  const graph = new Graph();
  const left = graph.input("read", [rows, size]);
  const gram = graph.output(matmul(left, left, { form: "TN" }));
  const cross = graph.output(matmul(left, graph.input("missing", [rows, outputs]), { form: "TN" }));
  using program = await device.compile(plan(graph));
  program.run({ read, missing });
  const a = Float64Array.from(await program.read(gram));
  let trace = 0;
  for (let i = 0; i < size - 1; i++) trace += a[i * size + i]! / (size - 1);
  for (let i = 0; i < size; i++) a[i * size + i]! += ridge * trace;
  const b = Float64Array.from(await program.read(cross));
  solveSymmetric(a, b, size);
  return b;
}

/**
 * Adds what a linear map makes of its inputs.
 *
 * @param read `[rows, inputs]`.
 * @param map `[inputs, outputs]`.
 * @param to `[rows, outputs]`.
 * @returns The sum, `[rows, outputs]`.
 */
export async function apply(
  device: Device,
  read: Float32Array<ArrayBuffer>,
  map: Float64Array,
  to: Float32Array<ArrayBuffer>,
  outputs: number,
): Promise<Float32Array<ArrayBuffer>> {
  const inputs = map.length / outputs, rows = to.length / outputs;
  const weight = new Float32Array(map.length); // [outputs, inputs]
  map.forEach((value, i) => weight[i % outputs * inputs + Math.floor(i / outputs)] = value);
  const graph = new Graph();
  const residual = graph.input("to", [rows, outputs]);
  const sum = graph.output(
    linear(graph.input("read", [rows, inputs]), graph.input("weight", [outputs, inputs]), { residual }),
  );
  using program = await device.compile(plan(graph));
  program.run({ read, weight, to });
  return await program.read(sum);
}
