import { assert, assertEquals } from "@std/assert";
import type { Device, HostData } from "../../lib/devices/device.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { plan } from "../../lib/graph/plan.ts";
import type { Tensor } from "../../lib/graph/tensor.ts";
import { Random } from "../../lib/random.ts";

/** Standard normal values, the same for the same name. */
export function normals(name: string, size: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(size);
  new Random(1, name).fillNormal(values, 1);
  return values;
}

/** Fails unless every value is within `tolerance` of the largest expected one. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
  tolerance = 2e-6,
): void {
  assertEquals(actual.length, expected.length, what);
  let scale = 0;
  let error = 0;
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]!));
    const difference = Math.abs(actual[i]! - expected[i]!);
    error = difference <= error ? error : difference;
  }
  assert(error <= tolerance * scale, `${what}: largest error ${error} of values up to ${scale}`);
}

/** An op of one tensor, where it is evaluated and what its output's gradient is. */
export interface Evaluation {
  readonly x: HostData;
  readonly shape: readonly number[];
  readonly upstream: HostData;
  readonly op: (x: Tensor) => Tensor;
}

/** An op's output on a device, and the gradient of its product with `upstream`. */
export async function valueAndGradient(
  device: Device,
  { x, shape, upstream, op }: Evaluation,
): Promise<{ value: Float32Array; gradient: Float32Array }> {
  const graph = new Graph();
  const input = graph.input("x", shape);
  const output = graph.output(op(input));
  const dy = graph.input("upstream", output.shape);
  const gradient = graph.output(differentiate(graph, { of: output, wrt: [input], upstream: dy }).get(input)!);
  using program = await device.compile(plan(graph));
  program.run({ x, upstream });
  return { value: await program.read(output), gradient: await program.read(gradient) };
}

/** The same on a device of its own. */
export async function evaluate(
  evaluation: Evaluation,
  options: Parameters<typeof openDevice>[1],
): Promise<{ value: Float32Array; gradient: Float32Array }> {
  using device = await openDevice("webgpu", options);
  return await valueAndGradient(device, evaluation);
}
