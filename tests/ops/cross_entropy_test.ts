import { assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { type CrossEntropyOptions, IGNORED_TARGET, linearCrossEntropy } from "../../lib/ops/cross_entropy/mod.ts";
import { add } from "../../lib/ops/add/mod.ts";
import { assertClose, compute, constant, differences, integers, normals, tf, toTf, valuesOf } from "./harness.ts";

const DEVICES = {
  "an invocation": await openDevice("webgpu", { tiled: [] }),
  "a workgroup": await openDevice("webgpu", { tiled: ["crossEntropy"] }),
};

interface Case {
  readonly positions: number;
  readonly width: number;
  readonly vocabulary: number;
  /** Every so many-th position has no target. */
  readonly ignore?: number;
  readonly chunk?: number;
}

/** The last vocabulary is longer than a workgroup of 256 with four values each. */
const CASES: readonly Case[] = [
  { positions: 1, width: 1, vocabulary: 2 },
  { positions: 5, width: 7, vocabulary: 37 },
  { positions: 129, width: 20, vocabulary: 66, ignore: 3, chunk: 64 },
  { positions: 3, width: 8, vocabulary: 1100, ignore: 2 },
];

/** The loss of seeded hidden states, and its gradients: a new tensor, and one added to an accumulator. */
function record(graph: Graph, { positions, width, vocabulary, ignore, chunk }: Case) {
  const name = `${positions} x ${width} of ${vocabulary}`;
  const hidden = constant(graph, `hidden ${name}`, [positions, width]);
  const weight = constant(graph, `weight ${name}`, [vocabulary, width]);
  const tokens = integers(name, positions, vocabulary).map((t, i) => ignore && i % ignore === 0 ? IGNORED_TARGET : t);
  const targets = graph.constant(`targets ${name}`, [positions], tokens);
  const gradient = graph.persistent(`dweight ${name}`, [vocabulary, width], "gradient");
  const scale = 1 / positions;
  const options: CrossEntropyOptions = { scale, gradient, ...(chunk ? { chunk } : {}) };
  const loss = linearCrossEntropy(hidden, weight, targets, options);
  const into = new Map([[weight, gradient]]);
  const dhidden = differentiate(graph, { of: loss, wrt: [hidden, weight], into }).get(hidden)!;
  const alone = linearCrossEntropy(hidden, weight, targets, { scale, ...(chunk ? { chunk } : {}) });
  return { name, hidden, weight, tokens, scale, loss, alone, dhidden, gradient };
}

/** The same loss in TensorFlow.js. */
function lossTf(hidden: tf.Tensor, weight: tf.Tensor, tokens: Uint32Array, scale: number): tf.Scalar {
  const kept = [...tokens].map((token) => token === IGNORED_TARGET ? 0 : 1);
  const labels = Int32Array.from(tokens, (token) => token === IGNORED_TARGET ? 0 : token);
  const scores = tf.logSoftmax(tf.matMul(hidden as tf.Tensor2D, weight as tf.Tensor2D, false, true));
  const oneHot = tf.oneHot(tf.tensor1d(labels, "int32"), weight.shape[0]!).mul(tf.tensor2d(kept, [kept.length, 1]));
  return tf.sum(scores.mul(oneHot)).mul(-scale) as tf.Scalar;
}

/** From the definition, in double precision. */
function exact(hidden: ArrayLike<number>, weight: ArrayLike<number>, tokens: Uint32Array, scale: number): number {
  const width = hidden.length / tokens.length;
  return tokens.reduce((total, token, row) => {
    if (token === IGNORED_TARGET) return total;
    const scores = Array.from({ length: weight.length / width }, (_, v) => {
      let sum = 0;
      for (let c = 0; c < width; c++) sum += hidden[row * width + c]! * weight[v * width + c]!;
      return sum;
    });
    const top = Math.max(...scores);
    return total + scale * (top + Math.log(scores.reduce((sum, s) => sum + Math.exp(s - top), 0)) - scores[token]!);
  }, 0);
}

for (const [who, device] of Object.entries(DEVICES)) {
  Deno.test(`linearCrossEntropy() equals TensorFlow.js in loss and gradients (${who} a row)`, async () => {
    const graph = new Graph();
    const cases = CASES.map((shape) => record(graph, shape));
    const values = await compute(
      device,
      graph,
      cases.flatMap(({ loss, alone, dhidden, gradient }) => [loss, alone, dhidden, gradient]),
    );
    cases.forEach(({ name, hidden, weight, tokens, scale, gradient }, i) => {
      const [loss, alone, dhidden, dweight] = values.slice(4 * i, 4 * i + 4);
      const f = (hidden: tf.Tensor, weight: tf.Tensor) => lossTf(hidden, weight, tokens, scale);
      const expected = tf.valueAndGrads((hidden, weight) => f(hidden!, weight!))([toTf(hidden), toTf(weight)]);
      const [dh, dw] = expected.grads.map((tensor) => tensor.dataSync());
      assertClose(alone!, loss!, `${name}: loss without gradients`, 0);
      assertClose(loss!, expected.value.dataSync(), `${name}: loss`, 2e-6);
      assertClose(dhidden!, dh!, `${name}: hidden`);
      assertClose(dweight!, normals(gradient.name, gradient.size).map((v, j) => v + dw![j]!), `${name}: weight`);
    });
  });

  Deno.test(`linearCrossEntropy() agrees with finite differences in double precision (${who} a row)`, async () => {
    const graph = new Graph();
    const { hidden, weight, tokens, scale, loss, dhidden, gradient } = record(graph, {
      positions: 5,
      width: 3,
      vocabulary: 9,
      ignore: 4,
    });
    const [value, dh, dw] = await compute(device, graph, [loss, dhidden, gradient], {
      persistent: { [gradient.name]: new Float32Array(27) },
    });
    const [h, w] = [valuesOf(hidden), valuesOf(weight)];
    assertClose(value!, [exact(h, w, tokens, scale)], "loss", 1e-6);
    assertClose(dh!, differences((h) => exact(h, w, tokens, scale), h), "hidden", 2e-6);
    assertClose(dw!, differences((w) => exact(h, w, tokens, scale), w), "weight", 2e-6);
  });

  Deno.test(`linearCrossEntropy() is finite where exponentials of logits are not (${who} a row)`, async () => {
    const graph = new Graph();
    const hidden = graph.constant("hidden", [1, 1], Float32Array.of(1000));
    const weight = graph.constant("weight", [3, 1], Float32Array.of(-4, 1, 3));
    const losses = [0, 1, 2].map((token) =>
      linearCrossEntropy(hidden, weight, graph.constant(`target ${token}`, [1], Uint32Array.of(token)))
    );
    assertEquals((await compute(device, graph, losses)).map(([loss]) => loss), [7000, 2000, 0]);
  });

  Deno.test(`linearCrossEntropy() of a single token is certain (${who} a row)`, async () => {
    const graph = new Graph();
    const { loss, dhidden } = record(graph, { positions: 1, width: 1, vocabulary: 1 });
    assertEquals(await compute(device, graph, [loss, dhidden]), [Float32Array.of(0), Float32Array.of(0)]);
  });

  Deno.test(`linearCrossEntropy() has the same bytes in every run (${who} a row)`, async () => {
    const graph = new Graph();
    const { loss, dhidden, gradient } = record(graph, CASES[2]!);
    const once = await compute(device, graph, [loss, dhidden, gradient]);
    assertEquals(await compute(device, graph, [loss, dhidden, gradient]), once);
  });
}

Deno.test("linearCrossEntropy() refuses shapes that do not fit, and chunks that no binding could start at", () => {
  const graph = new Graph();
  const [hidden, weight] = [graph.input("hidden", [70, 8]), graph.input("weight", [100, 8])];
  const targets = graph.input("targets", [70], "u32");
  assertThrows(
    () => linearCrossEntropy(hidden, graph.input("wide", [100, 9]), targets),
    RangeError,
    "Cannot compute the loss of hidden [70, 8]: it must be [70, 9] to fit wide [100, 9] and targets [70]",
  );
  assertThrows(
    () => linearCrossEntropy(hidden, weight, targets, { chunk: 50 }),
    RangeError,
    "'chunk' must be a multiple of 64, found 50",
  );
});

Deno.test("linearCrossEntropy() refuses targets that are no whole numbers, and accumulators of another shape", () => {
  const graph = new Graph();
  const [hidden, weight] = [graph.input("hidden", [4, 8]), graph.input("weight", [32, 8])];
  assertThrows(
    () => linearCrossEntropy(hidden, weight, graph.input("t", [4])),
    RangeError,
    "Cannot compute the loss of hidden [4, 8]: targets must be u32, found t [4] of f32",
  );
  const targets = graph.input("targets", [4], "u32");
  for (const shape of [[64], [8, 32]]) {
    const gradient = graph.persistent(`dw ${shape}`, shape, "gradient");
    assertThrows(
      () => linearCrossEntropy(hidden, weight, targets, { gradient }),
      RangeError,
      `Cannot compute the loss of hidden [4, 8]: 'gradient' must be [32, 8] as weight is, found dw ${shape} [`,
    );
  }
  assertEquals(graph.nodes, []);
});

Deno.test("the loss's gradient is refused where it was not computed or does not hold", () => {
  const graph = new Graph();
  const [hidden, weight] = [graph.input("hidden", [5, 8]), graph.input("weight", [9, 8])];
  const targets = graph.input("targets", [5], "u32");
  const gradient = graph.persistent("dweight", [9, 8], "gradient");
  const other = graph.persistent("other", [9, 8], "gradient");
  const alone = linearCrossEntropy(hidden, weight, targets);
  assertThrows(() => differentiate(graph, { of: alone, wrt: [hidden] }), RangeError, "pass 'gradient'");
  const loss = linearCrossEntropy(hidden, weight, targets, { gradient });
  const doubled = add(loss, loss);
  assertThrows(() => differentiate(graph, { of: doubled, wrt: [hidden] }), RangeError, "for an upstream of 1");
  assertThrows(
    () => differentiate(graph, { of: loss, wrt: [weight], into: new Map([[weight, other]]) }),
    RangeError,
    "'gradient' and 'into' must name one accumulator",
  );
});
