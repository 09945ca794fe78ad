import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { openDevice } from "../../lib/devices/mod.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { attention, type AttentionLayout } from "../../lib/ops/attention/mod.ts";
import { assertClose, evaluate, type Evaluation, normals, valueAndGradient } from "./value_and_gradient.ts";

await tf.setBackend("cpu");

interface Case extends AttentionLayout {
  /** Of a head. */
  readonly size: number;
}

function evaluation(shape: Case, factor = 1): Evaluation & { x: Float32Array<ArrayBuffer> } {
  const { batch, sequence, heads, size } = shape;
  const rows = batch * sequence;
  const width = heads * size;
  return {
    x: normals("qkv", rows * 3 * width).map((value) => value * factor),
    shape: [rows, 3 * width],
    upstream: normals("upstream", rows * width),
    op: (qkv) => attention(qkv, shape),
  };
}

/** Causal attention in double precision: the output, and the gradient of its product with `upstream`. */
function reference(
  { batch, sequence, heads, size }: Case,
  qkv: ArrayLike<number>,
  upstream: ArrayLike<number>,
): { value: Float64Array; gradient: Float64Array } {
  const value = new Float64Array(upstream.length);
  const gradient = new Float64Array(qkv.length);
  const scale = 1 / Math.sqrt(size);
  const row = (values: ArrayLike<number>, at: number) => Array.from({ length: size }, (_, n) => values[at + n]!);
  const dot = (a: number[], b: number[]) => a.reduce((sum, x, n) => sum + x * b[n]!, 0);
  const add = (to: Float64Array, at: number, values: number[], factor: number) =>
    values.forEach((x, n) => to[at + n]! += factor * x);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const out = (t: number) => ((b * sequence + t) * heads + h) * size;
      const part = (t: number, which: 0 | 1 | 2) => out(t) * 3 + which * size;
      for (let i = 0; i < sequence; i++) {
        const q = row(qkv, part(i, 0));
        const dout = row(upstream, out(i));
        const scores = Array.from({ length: i + 1 }, (_, j) => scale * dot(q, row(qkv, part(j, 1))));
        const highest = Math.max(...scores);
        const sum = scores.reduce((total, score) => total + Math.exp(score - highest), 0);
        const weights = scores.map((score) => Math.exp(score - highest) / sum);
        const slopes = weights.map((_, j) => dot(dout, row(qkv, part(j, 2))));
        const mean = weights.reduce((total, weight, j) => total + weight * slopes[j]!, 0);
        weights.forEach((weight, j) => {
          add(value, out(i), row(qkv, part(j, 2)), weight);
          add(gradient, part(j, 2), dout, weight);
          add(gradient, part(i, 0), row(qkv, part(j, 1)), scale * weight * (slopes[j]! - mean));
          add(gradient, part(j, 1), q, scale * weight * (slopes[j]! - mean));
        });
      }
    }
  }
  return { value, gradient };
}

const KERNELS = { direct: [], tiled: ["attention"] };

const CASES: Record<keyof typeof KERNELS, readonly Case[]> = {
  direct: [
    { batch: 2, sequence: 1, heads: 1, size: 4 },
    { batch: 3, sequence: 7, heads: 3, size: 6 },
    { batch: 2, sequence: 130, heads: 3, size: 20 },
    { batch: 1, sequence: 37, heads: 1, size: 33 },
    { batch: 1, sequence: 37, heads: 3, size: 64 },
    { batch: 1, sequence: 7, heads: 1, size: 132 },
  ],
  tiled: [
    { batch: 2, sequence: 1, heads: 1, size: 4 },
    { batch: 3, sequence: 7, heads: 3, size: 6 },
    { batch: 2, sequence: 130, heads: 3, size: 20 },
    { batch: 1, sequence: 37, heads: 1, size: 33 },
  ],
};

for (const [name, tiled] of Object.entries(KERNELS)) {
  Deno.test(`attention and its gradient equal a double precision reference, ${name} kernels`, async () => {
    using device = await openDevice("webgpu", { tiled });
    for (const shape of CASES[name as keyof typeof KERNELS]) {
      const given = evaluation(shape);
      const expected = reference(shape, given.x, given.upstream);
      const actual = await valueAndGradient(device, given);
      const what = `${name} ${JSON.stringify(shape)}`;
      assertClose(actual.value, expected.value, `output, ${what}`);
      assertClose(actual.gradient, expected.gradient, `gradient, ${what}`);
    }
  });

  Deno.test(`scores of thousands neither overflow nor lose the output, ${name} kernels`, async () => {
    const shape = { batch: 1, sequence: 37, heads: 1, size: 4 };
    const given = evaluation(shape, 50);
    const expected = reference(shape, given.x, given.upstream);
    const actual = await evaluate(given, { tiled });
    assertClose(actual.value, expected.value, "output");
    assert(actual.gradient.every(Number.isFinite));
  });
}

Deno.test("attention and its gradient equal TensorFlow.js", async () => {
  for (const shape of [{ batch: 2, sequence: 7, heads: 3, size: 6 }, { batch: 1, sequence: 37, heads: 2, size: 20 }]) {
    const { batch, sequence, heads, size } = shape;
    const given = evaluation(shape);
    const causal = tf.linalg.bandPart(tf.ones([sequence, sequence]), -1, 0);
    const attend = (qkv: tf.Tensor) => {
      const parts = qkv.reshape([batch, sequence, heads, 3, size]).transpose([3, 0, 2, 1, 4]);
      const [q, k, v] = tf.unstack(parts) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const scores = tf.matMul(q, k, false, true).div(Math.sqrt(size));
      const masked = scores.mul(causal).add(causal.sub(1).mul(1e9));
      return tf.matMul(tf.softmax(masked), v).transpose([0, 2, 1, 3]).reshape([batch * sequence, heads * size]);
    };
    const x = tf.tensor(given.x, [...given.shape]);
    const actual = await evaluate(given, { tiled: [] });
    assertClose(actual.value, attend(x).dataSync(), "output");
    const gradient = tf.grad(attend)(x, tf.tensor(given.upstream, [batch * sequence, heads * size]));
    assertClose(actual.gradient, gradient.dataSync(), "gradient");
  }
});

Deno.test("the gradient of attention equals finite differences in double precision", async () => {
  const shape = { batch: 1, sequence: 5, heads: 2, size: 3 };
  const given = evaluation(shape);
  const loss = (qkv: Float64Array) =>
    reference(shape, qkv, given.upstream).value.reduce((sum, y, i) => sum + y * given.upstream[i]!, 0);
  const step = 1e-5;
  const differences = Float64Array.from([...given.x], (_, i) => {
    const [above, below] = [step, -step].map((move) =>
      loss(Float64Array.from([...given.x], (value, j) => value + (i === j ? move : 0)))
    );
    return (above! - below!) / (2 * step);
  });
  for (const tiled of Object.values(KERNELS)) {
    assertClose((await evaluate(given, { tiled })).gradient, differences, "gradient");
  }
});

Deno.test("attention split along the batch gives the same bytes", async () => {
  const shape = { batch: 5, sequence: 16, heads: 4, size: 4 };
  const given = evaluation(shape);
  const bytesOfTwo = 2 * 16 * 3 * 16 * 4;
  const whole = await evaluate(given, { tiled: [] });
  assertEquals(await evaluate(given, { tiled: [], maxBindingBytes: bytesOfTwo }), whole);
  await assertRejects(
    () => evaluate(given, { tiled: [], maxBindingBytes: bytesOfTwo / 4 }),
    RangeError,
    "must fit one binding of 1536 bytes",
  );
});

Deno.test("another batch or sequence length needs no new pipeline", async () => {
  using device = await openDevice("webgpu", { tiled: [] });
  await valueAndGradient(device, evaluation({ batch: 1, sequence: 9, heads: 2, size: 4 }));
  const { pipelines } = device.counters;
  await valueAndGradient(device, evaluation({ batch: 3, sequence: 30, heads: 1, size: 4 }));
  assertEquals(device.counters.pipelines, pipelines);
});

Deno.test("a layout that does not fit the projection is refused", () => {
  const qkv = new Graph().input("qkv", [6, 12]);
  assertThrows(() => attention(qkv, { batch: 2, sequence: 4, heads: 1 }), RangeError, "found batch 2, sequence 4");
  assertThrows(() => attention(qkv, { batch: 2, sequence: 3, heads: 3 }), RangeError, "heads 3");
});
