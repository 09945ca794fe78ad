/**
 * What the tests of ops share: values from seeded streams, one way to run a graph, and the oracles that it is compared
 * with, TensorFlow.js and finite differences in double precision.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { Device, HostData, Inputs } from "../../lib/devices/device.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import type { Graph } from "../../lib/graph/graph.ts";
import { plan } from "../../lib/graph/plan.ts";
import { isPersistent, sizeOf, type Tensor } from "../../lib/graph/tensor.ts";
import { Random } from "../../lib/random.ts";

tf.enableProdMode(); // without its advice on the standard error
await tf.setBackend("cpu");

const alone = await openDevice("cpu", { threads: 0 });
const threaded = await openDevice("cpu", { threads: 3 });

/** TensorFlow.js on its CPU backend. */
export { tf };

/** Normal numbers, the same ones whenever the name is. */
export function normals(name: string, size: number, deviation = 1): Float32Array<ArrayBuffer> {
  const values = new Float32Array(size);
  new Random(1, name).fillNormal(values, deviation);
  return values;
}

/** Whole numbers below a bound, the same ones whenever the name is. */
export function integers(name: string, size: number, bound: number): Uint32Array<ArrayBuffer> {
  const random = new Random(1, name);
  return Uint32Array.from({ length: size }, (_, i) => random.below(bound, i));
}

/** A constant of normal numbers. */
export function constant(graph: Graph, name: string, shape: readonly number[], deviation = 1): Tensor {
  return graph.constant(name, shape, normals(name, sizeOf(shape), deviation));
}

/** The values of a constant. */
export function valuesOf(tensor: Tensor): HostData {
  return tensor.graph.constants.get(tensor)!;
}

/** A constant as a tensor of TensorFlow.js. */
export function toTf(tensor: Tensor, shape: readonly number[] = tensor.shape): tf.Tensor {
  return tf.tensor(Float32Array.from(valuesOf(tensor)), [...shape]);
}

/** What `compute` starts from, by name. */
export interface Given {
  readonly inputs?: Inputs;
  /** Values of persistent tensors before the run. @default {normals(name, size)} */
  readonly persistent?: Inputs;
  /** How often the program runs, each time on what the last run left. @default {1} */
  readonly runs?: number;
  /** How far devices may differ, as a share of the largest value. @default {2e-5} */
  readonly tolerance?: number;
  /**
   * How large the terms are that cancel in tensors of nothing but rounding, whose own values do not say how far devices
   * may differ.
   */
  readonly terms?: ReadonlyMap<Tensor, number>;
}

/**
 * Runs a graph and returns the values of these tensors, temporary and persistent ones alike.
 *
 * Whatever the device, the graph runs on the CPU too: on the host's thread and on three others, which must agree bit for
 * bit, and both with the device.
 */
export async function compute(
  device: Device,
  graph: Graph,
  tensors: readonly Tensor[],
  given: Given = {},
): Promise<Float32Array<ArrayBuffer>[]> {
  const values = await run(device, graph, tensors, given);
  const lonely = await run(alone, graph, tensors, given);
  const shared = await run(threaded, graph, tensors, given);
  const { tolerance = 2e-5, terms } = given;
  tensors.forEach((tensor, i) => {
    const what = `${tensor.name} on the CPU and on ${device.kind}`;
    assertEquals(bytes(shared[i]!), bytes(lonely[i]!), `${tensor.name} with three threads and with none`);
    assertClose(lonely[i]!, values[i]!, what, tolerance, terms?.get(tensor));
  });
  return values;
}

function bytes(values: Float32Array<ArrayBuffer>): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Runs a graph on one device and returns the values of these tensors. */
export async function run(
  device: Device,
  graph: Graph,
  tensors: readonly Tensor[],
  { inputs = {}, persistent = {}, runs = 1 }: Given = {},
): Promise<Float32Array<ArrayBuffer>[]> {
  tensors.forEach((tensor) => graph.output(tensor));
  const kept = graph.tensors.filter((tensor) => isPersistent(tensor.role) && tensor.base === tensor);
  using store = await device.createStore(kept);
  for (const { name, size } of kept) store.write(name, persistent[name] ?? normals(name, size));
  using program = await device.compile(plan(graph), [store]);
  for (let i = 0; i < runs; i++) program.run(inputs);
  const values: Float32Array<ArrayBuffer>[] = [];
  for (const tensor of tensors) {
    const known = graph.constants.get(tensor); // of which a device knows only those that a node uses
    if (known instanceof Float32Array) values.push(known);
    else if (tensor.dtype === "f32") values.push(await program.read(tensor));
    else values.push(new Float32Array((await program.readU32(tensor)).buffer)); // their bits
  }
  return values;
}

/**
 * Checks that no value is further from the expected one than `tolerance` times the largest expected one.
 *
 * @param terms How large the terms are that values are sums of, where these cancel and leave nothing but their rounding.
 */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
  tolerance = 5e-6,
  terms = Number.MIN_VALUE,
): void {
  assertEquals(actual.length, expected.length, `${what}: lengths`);
  let scale = terms;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) scale = Math.max(scale, Math.abs(expected[i]!));
    // Written so that a NaN is the worst of all.
    if (!(distance(actual[i]!, expected[i]!) <= distance(actual[worst]!, expected[worst]!))) worst = i;
  }
  const error = distance(actual[worst]!, expected[worst]!);
  assert(
    error <= tolerance * scale,
    `${what}: value ${worst} is ${actual[worst]}, expected ${expected[worst]}, among values up to ${scale}`,
  );
}

/** How far a value is from another; infinities and NaN are only like themselves. */
function distance(actual: number, expected: number): number {
  return Object.is(actual, expected) ? 0 : Math.abs(actual - expected);
}

/** The gradient of a function at `x` by central differences in double precision. */
export function differences(f: (x: Float64Array) => number, x: ArrayLike<number>, step = 1e-5): Float64Array {
  const at = Float64Array.from(x);
  return at.map((value, i) => {
    at[i] = value + step;
    const above = f(at);
    at[i] = value - step;
    const below = f(at);
    at[i] = value;
    return (above - below) / (2 * step);
  });
}

/** The inner product of two lists of values. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
