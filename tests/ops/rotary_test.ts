import { assertEquals, assertThrows } from "@std/assert";
import type { Device } from "../../lib/devices/device.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { rotary, type RotaryOptions } from "../../lib/ops/rotary/mod.ts";
import { assertClose, compute, differences, dot, normals, tf } from "./harness.ts";

interface Case extends RotaryOptions {
  /** Of a head. */
  readonly size: number;
}

const device = await openDevice("webgpu");

function given(
  { batch, sequence, heads, size }: Case,
): { qkv: Float32Array<ArrayBuffer>; dy: Float32Array<ArrayBuffer> } {
  const values = batch * sequence * 3 * heads * size;
  return { qkv: normals("qkv", values), dy: normals("dy", values) };
}

/** The rotated projection on a device and the gradient of its product with `dy`. */
async function onDevice(on: Device, shape: Case): Promise<[value: Float32Array, gradient: Float32Array]> {
  const { batch, sequence, heads, size } = shape;
  const graph = new Graph();
  const x = graph.input("qkv", [batch * sequence, 3 * heads * size]);
  const y = rotary(x, shape);
  const upstream = graph.input("dy", y.shape);
  const gradient = differentiate(graph, { of: y, wrt: [x], upstream }).get(x)!;
  const values = await compute(on, graph, [y, gradient], { inputs: given(shape) });
  return [values[0]!, values[1]!];
}

/** The same rotation in double precision. */
function reference(shape: Case, x: ArrayLike<number>): Float64Array {
  const { batch, sequence, heads, size, dimensions, base = 10000, offset = 0, exponents } = shape;
  const y = Float64Array.from(x);
  const half = dimensions / 2;
  for (let row = 0; row < batch * sequence; row++) {
    const position = offset + row % sequence;
    for (let part = 0; part < 3 * heads; part++) {
      if (part % 3 === 2) continue;
      const at = (row * 3 * heads + part) * size;
      for (let i = 0; i < half; i++) {
        const angle = position / base ** (exponents?.[i] ?? 2 * i / dimensions);
        const [real, imaginary] = [x[at + i]!, x[at + i + half]!];
        y[at + i] = real * Math.cos(angle) - imaginary * Math.sin(angle);
        y[at + i + half] = real * Math.sin(angle) + imaginary * Math.cos(angle);
      }
    }
  }
  return y;
}

Deno.test("rotary() equals double precision on odd shapes and far positions; its gradient undoes it", async () => {
  const cases: readonly Case[] = [
    { batch: 2, sequence: 1, heads: 1, size: 4, dimensions: 2 },
    { batch: 2, sequence: 7, heads: 3, size: 6, dimensions: 6 },
    { batch: 1, sequence: 37, heads: 3, size: 20, dimensions: 8, base: 500 },
    { batch: 1, sequence: 9, heads: 2, size: 10, dimensions: 4, exponents: [0.25, 0.8] },
    { batch: 1, sequence: 37, heads: 1, size: 20, dimensions: 4 },
    { batch: 1, sequence: 130, heads: 1, size: 33, dimensions: 8 },
    { batch: 2, sequence: 37, heads: 3, size: 64, dimensions: 64, offset: 100_000 },
  ];
  for (const shape of cases) {
    const { qkv, dy } = given(shape);
    const [y, gradient] = await onDevice(device, shape);
    assertClose(y, reference(shape, qkv), `${JSON.stringify(shape)}: value`, 2e-7);
    assertClose(reference(shape, gradient), dy, `${JSON.stringify(shape)}: gradient`, 3e-7);
  }
});

Deno.test("rotary()'s gradient equals finite differences in double precision", async () => {
  const shape = { batch: 1, sequence: 3, heads: 1, size: 6, dimensions: 4 };
  const { qkv, dy } = given(shape);
  const [, gradient] = await onDevice(device, shape);
  assertClose(gradient, differences((x) => dot(reference(shape, x), dy), qkv), "gradient");
});

Deno.test("rotary() equals TensorFlow.js in values and gradients", async () => {
  const shape = { batch: 2, sequence: 7, heads: 3, size: 20, dimensions: 8 };
  const { batch, sequence, heads, size, dimensions } = shape;
  const frequencies = tf.pow(10000, tf.range(0, dimensions, 2).div(-dimensions));
  const angles = tf.outerProduct(tf.range(0, sequence), frequencies as tf.Tensor1D);
  const [cos, sin] = [tf.cos(angles), tf.sin(angles)].map((t) => t.reshape([1, sequence, 1, 1, dimensions / 2]));
  const turn = (x: tf.Tensor) => {
    const parts = x.reshape([batch, sequence, heads, 3, size]);
    const [qk, v] = tf.split(parts, [2, 1], 3);
    const [a, b, rest] = tf.split(qk!, [dimensions / 2, dimensions / 2, size - dimensions], 4);
    const turned = [a!.mul(cos!).sub(b!.mul(sin!)), b!.mul(cos!).add(a!.mul(sin!)), rest!];
    return tf.concat([tf.concat(turned, 4), v!], 3).reshape(x.shape);
  };
  const { qkv, dy } = given(shape);
  const [y, gradient] = await onDevice(device, shape);
  const x = tf.tensor(qkv, [batch * sequence, 3 * heads * size]);
  assertClose(y, turn(x).dataSync(), "value");
  assertClose(gradient, tf.grad(turn)(x, tf.tensor(dy).reshape(x.shape)).dataSync(), "gradient");
});

Deno.test("rotary() gives the same bytes however its rows are split", async () => {
  const shape = { batch: 3, sequence: 50, heads: 1, size: 8, dimensions: 8 };
  using narrow = await openDevice("webgpu", { maxBindingBytes: 64 * 3 * 8 * 4 });
  assertEquals(await onDevice(narrow, shape), await onDevice(device, shape));
});

Deno.test("rotary() shares one table of angles among the layers of a graph", () => {
  const graph = new Graph();
  const qkv = graph.input("qkv", [6, 24]);
  const layout = { batch: 2, sequence: 3, heads: 1, dimensions: 4 };
  rotary(rotary(qkv, layout), layout);
  assertEquals(graph.constants.size, 1);
  rotary(qkv, { ...layout, offset: 1 });
  assertEquals(graph.constants.size, 2);
});

Deno.test("rotary() refuses layouts that do not fit and odd numbers of dimensions", () => {
  const qkv = new Graph().input("qkv", [6, 24]);
  const layout = { batch: 2, sequence: 3, heads: 1, dimensions: 4 };
  assertThrows(() => rotary(qkv, { ...layout, heads: 3 }), RangeError, "heads 3");
  assertThrows(() => rotary(qkv, { ...layout, sequence: 4 }), RangeError, "sequence 4");
  assertThrows(() => rotary(qkv, { ...layout, dimensions: 3 }), RangeError, "even and from 2 to the head's 8, found 3");
  assertThrows(() => rotary(qkv, { ...layout, dimensions: 10 }), RangeError, "found 10");
});
