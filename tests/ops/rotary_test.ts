import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { openDevice } from "../../lib/devices/mod.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { rotary, type RotaryOptions } from "../../lib/ops/rotary/mod.ts";
import { assertClose, evaluate, type Evaluation, normals, valueAndGradient } from "./value_and_gradient.ts";

await tf.setBackend("cpu");

interface Case extends RotaryOptions {
  /** Of a head. */
  readonly size: number;
}

function evaluation(shape: Case): Evaluation & { x: Float32Array<ArrayBuffer> } {
  const { batch, sequence, heads, size } = shape;
  const rows = batch * sequence;
  return {
    x: normals("qkv", rows * 3 * heads * size),
    shape: [rows, 3 * heads * size],
    upstream: normals("upstream", rows * 3 * heads * size),
    op: (qkv) => rotary(qkv, shape),
  };
}

/** The rotation in double precision, by complex numbers; `direction` -1 is its inverse, which is its transpose. */
function reference(shape: Case, x: ArrayLike<number>, direction: 1 | -1): Float64Array {
  const { batch, sequence, heads, size, dimensions, base = 10000, offset = 0 } = shape;
  const y = Float64Array.from(x);
  const half = dimensions / 2;
  for (let row = 0; row < batch * sequence; row++) {
    const position = offset + row % sequence;
    for (let part = 0; part < 3 * heads; part++) {
      if (part % 3 === 2) continue;
      const at = (row * 3 * heads + part) * size;
      for (let i = 0; i < half; i++) {
        const angle = direction * position / base ** (2 * i / dimensions);
        const [real, imaginary] = [x[at + i]!, x[at + i + half]!];
        y[at + i] = real * Math.cos(angle) - imaginary * Math.sin(angle);
        y[at + i + half] = real * Math.sin(angle) + imaginary * Math.cos(angle);
      }
    }
  }
  return y;
}

const CASES: readonly Case[] = [
  { batch: 2, sequence: 1, heads: 1, size: 4, dimensions: 2 },
  { batch: 2, sequence: 7, heads: 3, size: 6, dimensions: 6 },
  { batch: 1, sequence: 37, heads: 3, size: 20, dimensions: 8, base: 500 },
  { batch: 1, sequence: 37, heads: 1, size: 20, dimensions: 4 },
  { batch: 1, sequence: 130, heads: 1, size: 33, dimensions: 8 },
  { batch: 2, sequence: 37, heads: 3, size: 64, dimensions: 64, offset: 100_000 },
];

Deno.test("rotary and its gradient equal a double precision reference", async () => {
  using device = await openDevice("webgpu");
  for (const shape of CASES) {
    const given = evaluation(shape);
    const actual = await valueAndGradient(device, given);
    assertClose(actual.value, reference(shape, given.x, 1), `output, ${JSON.stringify(shape)}`, 2e-7);
    assertClose(actual.gradient, reference(shape, given.upstream, -1), `gradient, ${JSON.stringify(shape)}`, 2e-7);
  }
});

Deno.test("rotary and its gradient equal TensorFlow.js", async () => {
  const shape = { batch: 2, sequence: 7, heads: 3, size: 20, dimensions: 8 };
  const { batch, sequence, heads, size, dimensions } = shape;
  const given = evaluation(shape);
  const frequencies = tf.pow(10000, tf.range(0, dimensions, 2).div(-dimensions));
  const angles = tf.outerProduct(tf.range(0, sequence), frequencies as tf.Tensor1D);
  const [cos, sin] = [tf.cos(angles), tf.sin(angles)].map((t) => t.reshape([1, sequence, 1, 1, dimensions / 2]));
  const turn = (x: tf.Tensor) => {
    const parts = x.reshape([batch, sequence, heads, 3, size]);
    const qk = parts.slice([0, 0, 0, 0, 0], [-1, -1, -1, 2, -1]);
    const v = parts.slice([0, 0, 0, 2, 0], [-1, -1, -1, 1, -1]);
    const [a, b, rest] = tf.split(qk, [dimensions / 2, dimensions / 2, size - dimensions], 4);
    const turned = [a!.mul(cos!).sub(b!.mul(sin!)), b!.mul(cos!).add(a!.mul(sin!)), rest!];
    return tf.concat([tf.concat(turned, 4), v], 3).reshape(x.shape);
  };
  const actual = await evaluate(given, {});
  const x = tf.tensor(given.x, [...given.shape]);
  assertClose(actual.value, turn(x).dataSync(), "output");
  assertClose(actual.gradient, tf.grad(turn)(x, tf.tensor(given.upstream, [...given.shape])).dataSync(), "gradient");
});

Deno.test("rotary split into ranges of rows gives the same bytes", async () => {
  const given = evaluation({ batch: 3, sequence: 50, heads: 1, size: 8, dimensions: 8 });
  const whole = await evaluate(given, {});
  assertEquals(await evaluate(given, { maxBindingBytes: 64 * 3 * 8 * 4 }), whole);
});

Deno.test("layers of a graph share one table of angles", () => {
  const graph = new Graph();
  const qkv = graph.input("qkv", [6, 24]);
  const layout = { batch: 2, sequence: 3, heads: 1, dimensions: 4 };
  rotary(rotary(qkv, layout), layout);
  assertEquals(graph.constants.size, 1);
  rotary(qkv, { ...layout, offset: 1 });
  assertEquals(graph.constants.size, 2);
});

Deno.test("layouts that do not fit and odd numbers of dimensions are refused", () => {
  const qkv = new Graph().input("qkv", [6, 24]);
  const layout = { batch: 2, sequence: 3, heads: 1, dimensions: 4 };
  assertThrows(() => rotary(qkv, { ...layout, heads: 3 }), RangeError, "heads 3");
  assertThrows(() => rotary(qkv, { ...layout, sequence: 4 }), RangeError, "sequence 4");
  assertThrows(() => rotary(qkv, { ...layout, dimensions: 3 }), RangeError, "even and from 2 to the head's 8, found 3");
  assertThrows(() => rotary(qkv, { ...layout, dimensions: 10 }), RangeError, "found 10");
});
