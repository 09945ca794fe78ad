import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Device } from "../../lib/devices/device.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { attention, type AttentionOptions } from "../../lib/ops/attention/mod.ts";
import { assertClose, compute, differences, dot, normals, tf } from "./harness.ts";

interface Case extends AttentionOptions {
  /** Of a head. */
  readonly size: number;
}

type Values = ArrayLike<number>;

const direct = await openDevice("webgpu", { tiled: [] });
const tiled = await openDevice("webgpu", { tiled: ["attention"] });

const TINY: Case = { batch: 1, sequence: 5, heads: 2, size: 6 };
/** Head sizes are kernels of their own to compile, which is why the slower ones to compile have fewer. */
const KERNELS: readonly { name: string; device: Device; cases: readonly Case[] }[] = [{
  name: "direct",
  device: direct,
  cases: [
    { batch: 2, sequence: 1, heads: 1, size: 4 },
    { batch: 3, sequence: 7, heads: 3, size: 6 },
    { batch: 1, sequence: 7, heads: 1, size: 6, scale: 1.25 },
    { batch: 2, sequence: 130, heads: 3, size: 20 },
    { batch: 1, sequence: 37, heads: 1, size: 33 },
    { batch: 1, sequence: 37, heads: 3, size: 64 },
  ],
}, {
  name: "tiled",
  device: tiled,
  cases: [
    { batch: 2, sequence: 1, heads: 1, size: 4 },
    { batch: 3, sequence: 7, heads: 3, size: 6 },
    { batch: 1, sequence: 7, heads: 1, size: 6, scale: 1.25 },
    { batch: 2, sequence: 130, heads: 3, size: 8 },
  ],
}];

function given(
  { batch, sequence, heads, size }: Case,
): { qkv: Float32Array<ArrayBuffer>; dy: Float32Array<ArrayBuffer> } {
  const values = batch * sequence * heads * size;
  return { qkv: normals("qkv", 3 * values), dy: normals("dy", values) };
}

/** The output of attention on a device and the gradient of its product with `dy`. */
async function onDevice(
  device: Device,
  shape: Case,
  { qkv, dy }: { qkv: Float32Array<ArrayBuffer>; dy: Float32Array<ArrayBuffer> } = given(shape),
  tolerance?: number,
): Promise<[value: Float32Array, gradient: Float32Array]> {
  const { batch, sequence, heads, size } = shape;
  const graph = new Graph();
  const x = graph.input("qkv", [batch * sequence, 3 * heads * size]);
  const y = attention(x, shape);
  const upstream = graph.input("dy", y.shape);
  const gradient = differentiate(graph, { of: y, wrt: [x], upstream }).get(x)!;
  const values = await compute(device, graph, [y, gradient], { inputs: { qkv, dy }, ...(tolerance && { tolerance }) });
  return [values[0]!, values[1]!];
}

/** The same in double precision, written from the definition of softmax. */
function reference(
  { batch, sequence, heads, size, scale = 1 / Math.sqrt(size) }: Case,
  qkv: Values,
  dy: Values,
): [Float64Array, Float64Array] {
  const y = new Float64Array(dy.length);
  const gradient = new Float64Array(qkv.length);
  const row = (values: Values, at: number) => Float64Array.from({ length: size }, (_, n) => values[at + n]!);
  const add = (to: Float64Array, at: number, values: Float64Array, factor: number) =>
    values.forEach((x, n) => to[at + n]! += factor * x);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const out = (t: number) => ((b * sequence + t) * heads + h) * size;
      const part = (t: number, which: 0 | 1 | 2) => out(t) * 3 + which * size;
      for (let i = 0; i < sequence; i++) {
        const q = row(qkv, part(i, 0));
        const upstream = row(dy, out(i));
        const scores = Array.from({ length: i + 1 }, (_, j) => scale * dot(q, row(qkv, part(j, 1))));
        const highest = Math.max(...scores);
        const sum = scores.reduce((total, score) => total + Math.exp(score - highest), 0);
        const weights = scores.map((score) => Math.exp(score - highest) / sum);
        const slopes = weights.map((_, j) => dot(upstream, row(qkv, part(j, 2))));
        const mean = dot(weights, slopes);
        weights.forEach((weight, j) => {
          const slope = scale * weight * (slopes[j]! - mean);
          add(y, out(i), row(qkv, part(j, 2)), weight);
          add(gradient, part(i, 0), row(qkv, part(j, 1)), slope);
          add(gradient, part(j, 1), q, slope);
          add(gradient, part(j, 2), upstream, weight);
        });
      }
    }
  }
  return [y, gradient];
}

for (const { name, device, cases } of KERNELS) {
  Deno.test(`attention() equals double precision in values and gradients on odd shapes, ${name} kernels`, async () => {
    for (const shape of cases) {
      const { qkv, dy } = given(shape);
      const [y, gradient] = await onDevice(device, shape);
      const [expected, expectedGradient] = reference(shape, qkv, dy);
      assertClose(y, expected, `${JSON.stringify(shape)}: value`, 1e-6);
      assertClose(gradient, expectedGradient, `${JSON.stringify(shape)}: gradient`, 2e-6);
    }
  });

  Deno.test(`attention()'s gradient equals finite differences in double precision, ${name} kernels`, async () => {
    const { qkv, dy } = given(TINY);
    const [, gradient] = await onDevice(device, TINY);
    assertClose(gradient, differences((x) => dot(reference(TINY, x, dy)[0], dy), qkv), "gradient");
  });

  Deno.test(`attention() equals TensorFlow.js in values and gradients, ${name} kernels`, async () => {
    const shape = { batch: 2, sequence: 37, heads: 3, size: 8 };
    const { qkv, dy } = given(shape);
    const [y, gradient] = await onDevice(device, shape);
    const x = tf.tensor(qkv, [shape.batch * shape.sequence, 3 * shape.heads * shape.size]);
    const expected = withTf(shape, x);
    assertClose(y, expected.dataSync(), "value");
    const upstream = tf.tensor(dy).reshape(expected.shape);
    assertClose(gradient, tf.grad((x) => withTf(shape, x))(x, upstream).dataSync(), "gradient");
  });

  Deno.test(`attention() survives scores of thousands, ${name} kernels`, async () => {
    const shape = { batch: 1, sequence: 37, heads: 1, size: 4 };
    const { qkv, dy } = given(shape);
    const large = qkv.map((value) => 50 * value);
    // Gradients are differences of products that are thousands of times as large, so devices agree in fewer digits.
    const [y, gradient] = await onDevice(device, shape, { qkv: large, dy }, 1e-3);
    assertClose(y, reference(shape, large, dy)[0], "value");
    assert(gradient.every(Number.isFinite));
  });
}

/** Attention with all scores in memory. */
function withTf({ batch, sequence, heads, size }: Case, qkv: tf.Tensor): tf.Tensor {
  const parts = qkv.reshape([batch, sequence, heads, 3, size]).transpose([3, 0, 2, 1, 4]);
  const [q, k, v] = tf.unstack(parts) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const visible = tf.linalg.bandPart(tf.ones([sequence, sequence]), -1, 0);
  const scores = tf.matMul(q, k, false, true).div(Math.sqrt(size)).mul(visible).add(visible.sub(1).mul(1e9));
  return tf.matMul(tf.softmax(scores), v).transpose([0, 2, 1, 3]).reshape([batch * sequence, heads * size]);
}

Deno.test("attention() gives the same bytes however its batch is split, and refuses to split a sequence", async () => {
  const shape = { batch: 5, sequence: 16, heads: 4, size: 4 };
  const bytesOfSequence = 16 * 3 * 4 * 4 * 4;
  using narrow = await openDevice("webgpu", { tiled: [], maxBindingBytes: 2 * bytesOfSequence });
  assertEquals(await onDevice(narrow, shape), await onDevice(direct, shape));
  using tooNarrow = await openDevice("webgpu", { tiled: [], maxBindingBytes: bytesOfSequence / 2 });
  await assertRejects(() => onDevice(tooNarrow, shape), RangeError, "must fit one binding of 1536 bytes");
});

Deno.test("attention() of another batch, sequence length or number of heads needs no new pipeline", async () => {
  await onDevice(direct, { batch: 1, sequence: 9, heads: 2, size: 4 });
  const { pipelines } = direct.counters;
  await onDevice(direct, { batch: 3, sequence: 30, heads: 1, size: 4 });
  assertEquals(direct.counters.pipelines, pipelines);
});

Deno.test("attention() refuses a layout that does not fit the projection", () => {
  const qkv = new Graph().input("qkv", [6, 12]);
  assertThrows(() => attention(qkv, { batch: 2, sequence: 4, heads: 1 }), RangeError, "found batch 2, sequence 4");
  assertThrows(() => attention(qkv, { batch: 2, sequence: 3, heads: 3 }), RangeError, "heads 3");
});

Deno.test("attention() refuses a scale that would not order the scores", () => {
  const qkv = new Graph().input("qkv", [6, 12]);
  const layout = { batch: 2, sequence: 3, heads: 1 };
  assertThrows(() => attention(qkv, { ...layout, scale: 0 }), RangeError, "scale must be above 0, found 0");
  assertThrows(() => attention(qkv, { ...layout, scale: NaN }), RangeError, "scale must be above 0, found NaN");
});
