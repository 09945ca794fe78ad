import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { IGNORED_TARGET, linearCrossEntropy } from "../../lib/ops/cross_entropy/mod.ts";
import { distillation, type DistillationOptions, type Divergence } from "../../lib/ops/distillation/mod.ts";
import { assertClose, compute, constant, differences, integers, normals, tf, toTf, valuesOf } from "./harness.ts";
import { tfDivergences } from "./tf_divergences.ts";

const DEVICES = {
  "an invocation": await openDevice("webgpu", { tiled: [] }),
  "a workgroup": await openDevice("webgpu", { tiled: ["crossEntropy"] }),
};

interface Case {
  readonly positions: number;
  readonly vocabulary: number;
  /** Widths of student and teacher. */
  readonly widths: readonly [number, number];
  /** Standard deviation of the teacher's weights: flat or peaked distributions. @default {1} */
  readonly peak?: number;
  /** Alpha, beta and temperature. @default {[0.3, 0.7, 2]} */
  readonly coefficients?: readonly [number, number, number];
  readonly divergence?: Divergence;
  readonly weight?: number;
  /** Every so many-th position has no target. */
  readonly ignore?: number;
  readonly chunk?: number;
}

function record(graph: Graph, given: Case) {
  const { positions, vocabulary, widths, peak = 1, coefficients = [0.3, 0.7, 2], ignore, chunk, ...rest } = given;
  const name = JSON.stringify(given);
  const layer = (who: string, width: number, deviation: number) => ({
    hidden: constant(graph, `${who}'s hidden states of ${name}`, [positions, width]),
    weight: constant(graph, `${who}'s weight of ${name}`, [vocabulary, width], deviation),
  });
  const student = layer("student", widths[0], 1);
  const teacher = layer("teacher", widths[1], peak);
  const tokens = integers(name, positions, vocabulary).map((t, i) => ignore && i % ignore === 0 ? IGNORED_TARGET : t);
  const targets = graph.constant(`targets of ${name}`, [positions], tokens);
  const gradient = graph.persistent(`dweight of ${name}`, [vocabulary, widths[0]], "gradient");
  const scale = 1 / positions;
  const options: DistillationOptions = {
    ...{ student, teacher, targets, scale, ...rest, ...(chunk ? { chunk } : {}) },
    coefficients: graph.constant(`coefficients of ${name}`, [3], Float32Array.from(coefficients)),
  };
  const found = distillation({ ...options, gradient });
  const into = new Map([[student.weight, gradient]]);
  const { hidden, weight } = student;
  const dhidden = differentiate(graph, { of: found.loss, wrt: [hidden, weight], into }).get(hidden)!;
  const alone = distillation(options).loss;
  const tensors = [found.loss, found.crossEntropy, found.divergence, alone, dhidden, gradient];
  return { name, student, teacher, tokens, targets, gradient, coefficients, scale, tensors };
}

type Recorded = ReturnType<typeof record>;

/** The same losses in TensorFlow.js. */
function lossesTf(
  [hidden, weight]: readonly [tf.Tensor, tf.Tensor],
  { teacher, tokens, coefficients: [alpha, beta, temperature], scale }: Recorded,
  { divergence = "forward_kl", weight: share = 0.5 }: Case,
) {
  const kept = tf.tensor1d([...tokens].map((token) => token === IGNORED_TARGET ? 0 : 1));
  const labels = tf.tensor1d(Int32Array.from(tokens, (token) => token === IGNORED_TARGET ? 0 : token), "int32");
  const logits = (h: tf.Tensor, w: tf.Tensor) => tf.matMul(h as tf.Tensor2D, w as tf.Tensor2D, false, true);
  const z = logits(hidden, weight), t = logits(toTf(teacher.hidden), toTf(teacher.weight));
  const mean = (rows: tf.Tensor) => tf.sum(rows.mul(kept)).mul(scale) as tf.Scalar;
  const crossEntropy = mean(tf.sum(tf.logSoftmax(z).mul(tf.oneHot(labels, weight.shape[0]!)), 1).mul(-1));
  const [logP, logQ] = [t, z].map((each) => tf.logSoftmax(each.div(temperature)));
  const diverged = mean(tfDivergences[divergence](logP!, logQ!, share));
  const loss = crossEntropy.mul(alpha).add(diverged.mul(beta * temperature ** 2)) as tf.Scalar;
  return { loss, crossEntropy, divergence: diverged };
}

async function compare(device: (typeof DEVICES)[keyof typeof DEVICES], cases: readonly Case[], tolerance = 2e-5) {
  const graph = new Graph();
  const recorded = cases.map((given) => record(graph, given));
  const values = await compute(device, graph, recorded.flatMap(({ tensors }) => tensors));
  recorded.forEach((each, i) => {
    const [loss, crossEntropy, divergence, alone, dhidden, dweight] = values.slice(6 * i, 6 * i + 6);
    const { name, student, gradient } = each;
    const f = (hidden: tf.Tensor, weight: tf.Tensor) => lossesTf([hidden, weight], each, cases[i]!);
    const [h, w] = [toTf(student.hidden), toTf(student.weight)];
    const { value, grads } = tf.valueAndGrads((hidden, weight) => f(hidden!, weight!).loss)([h, w]);
    const [dh, dw] = grads.map((tensor) => tensor.dataSync());
    const expected = f(h, w);
    assertClose(alone!, loss!, `${name}: loss without gradients`, 0);
    assertClose(loss!, value.dataSync(), `${name}: loss`, tolerance);
    assertClose(crossEntropy!, expected.crossEntropy.dataSync(), `${name}: cross-entropy`, tolerance);
    assertClose(divergence!, expected.divergence.dataSync(), `${name}: divergence`, tolerance);
    assertClose(dhidden!, dh!, `${name}: hidden`, tolerance);
    const before = normals(gradient.name, gradient.size);
    assertClose(dweight!, before.map((v, j) => v + dw![j]!), `${name}: weight`, tolerance);
  });
}

const DIVERGENCES = Object.keys(tfDivergences) as Divergence[];

for (const [who, device] of Object.entries(DEVICES)) {
  for (const divergence of DIVERGENCES) {
    Deno.test(`${divergence} equals TensorFlow.js at every temperature, for flat and peaked teachers (${who} a row)`, () =>
      compare(
        device,
        [0.5, 1, 2, 10].flatMap((temperature) =>
          [0.1, 3].map((peak): Case => ({
            ...{ positions: 5, vocabulary: 37, widths: [7, 4], peak, divergence, weight: 0.3 },
            coefficients: [0.3, 0.7, temperature],
          }))
        ),
      ));
  }

  Deno.test(`distillation() equals TensorFlow.js on rows of any length, in chunks and without targets (${who} a row)`, () =>
    compare(device, [
      { positions: 1, vocabulary: 2, widths: [1, 1] },
      { positions: 66, vocabulary: 66, widths: [20, 8], ignore: 3, chunk: 64 },
      { positions: 65, vocabulary: 35, widths: [3, 5], divergence: "jensen_shannon", chunk: 64, ignore: 2 },
      { positions: 2, vocabulary: 1100, widths: [8, 4], divergence: "reverse_kl", ignore: 2 },
    ]));

  Deno.test(`a teacher's pull is there whatever alpha and beta are (${who} a row)`, () =>
    compare(device, [
      { positions: 4, vocabulary: 9, widths: [3, 3], coefficients: [0, 1, 1] },
      { positions: 4, vocabulary: 9, widths: [3, 3], coefficients: [1, 0, 2] },
      { positions: 4, vocabulary: 9, widths: [3, 3], coefficients: [2, 5, 3] },
    ]));

  Deno.test(`distillation() is finite where exponentials of logits are not (${who} a row)`, async () => {
    for (const divergence of DIVERGENCES) {
      const graph = new Graph();
      const layer = (name: string, ...weights: number[]) => ({
        hidden: graph.constant(`${name}'s hidden`, [1, 1], Float32Array.of(1000)),
        weight: graph.constant(`${name}'s weight`, [3, 1], Float32Array.from(weights)),
      });
      const student = layer("student", -4, 1, 3);
      const gradient = graph.persistent("dweight", [3, 1], "gradient");
      const { loss, divergence: found } = distillation({
        ...{ student, teacher: layer("teacher", 2, -2, 1), gradient, divergence },
        targets: graph.constant("target", [1], Uint32Array.of(1)),
        coefficients: graph.constant("coefficients", [3], Float32Array.of(1, 1, 1)),
      });
      const into = new Map([[student.weight, gradient]]);
      const dhidden = differentiate(graph, { of: loss, wrt: [student.hidden, student.weight], into });
      const [value, of, dh] = await compute(device, graph, [loss, found, dhidden.get(student.hidden)!]);
      const exact = { forward_kl: 7000, reverse_kl: 1000, symmetric_kl: 4000, jensen_shannon: Math.log(2) };
      assertAlmostEquals(of![0]!, exact[divergence], 1e-5 * exact[divergence], divergence);
      assertAlmostEquals(value![0]!, 2000 + exact[divergence], 0.01, divergence);
      assert(Number.isFinite(dh![0]!), `${divergence}: ${dh}`);
    }
  });
}

const device = DEVICES["an invocation"];

Deno.test("Jensen-Shannon is 0 for equal distributions, ln 2 for disjoint ones, and symmetric at weight 0.5", async () => {
  const graph = new Graph();
  const sure = (token: number, name: string) => ({
    hidden: graph.constant(`${name} sees ${token}`, [1, 1], Float32Array.of(200)),
    weight: graph.constant(`${name} says ${token}`, [2, 1], Float32Array.from([0, 1], (i) => i === token ? 1 : 0)),
  });
  const between = (student: ReturnType<typeof sure>, teacher: ReturnType<typeof sure>) =>
    distillation({
      ...{ student, teacher, divergence: "jensen_shannon" },
      targets: graph.constant(`targets ${student.hidden.name} ${teacher.hidden.name}`, [1], Uint32Array.of(0)),
      coefficients: graph.constant(
        `weights ${student.hidden.name} ${teacher.hidden.name}`,
        [3],
        Float32Array.of(0, 1, 1),
      ),
    }).loss;
  const [zero, one] = [sure(0, "student"), sure(1, "student")];
  const [same, apart, swapped] = await compute(device, graph, [
    between(zero, sure(0, "teacher")),
    between(zero, sure(1, "teacher")),
    between(one, sure(0, "teacher")),
  ]);
  assertEquals(same![0], 0);
  assertAlmostEquals(apart![0]!, Math.LN2, 1e-6);
  assertEquals(apart, swapped);
});

Deno.test("forward KL of a sure teacher and an undecided student of two tokens is ln 2, as in whittle's own test", async () => {
  const graph = new Graph();
  const layer = (name: string, ...logits: number[]) => ({
    hidden: graph.constant(`${name}'s hidden`, [1, 1], Float32Array.of(1)),
    weight: graph.constant(`${name}'s weight`, [2, 1], Float32Array.from(logits)),
  });
  const { loss } = distillation({
    ...{ student: layer("student", 0, 0), teacher: layer("teacher", 10, 0) },
    targets: graph.constant("target", [1], Uint32Array.of(0)),
    coefficients: graph.constant("coefficients", [3], Float32Array.of(0.5, 0.5, 1)),
  });
  assertAlmostEquals((await compute(device, graph, [loss]))[0]![0]!, 0.6931, 1e-3);
});

Deno.test("distillation() agrees with finite differences of the definition in double precision", async () => {
  const given: Case = { positions: 3, vocabulary: 5, widths: [2, 2], divergence: "symmetric_kl", weight: 0.2 };
  const graph = new Graph();
  const { student, teacher, tokens, coefficients: [alpha, beta, temperature], scale, tensors, gradient } = record(
    graph,
    given,
  );
  const rows = (h: ArrayLike<number>, w: ArrayLike<number>) =>
    Array.from(
      { length: 3 },
      (_, row) => Array.from({ length: 5 }, (_, v) => h[2 * row]! * w[2 * v]! + h[2 * row + 1]! * w[2 * v + 1]!),
    );
  const softmax = (logits: number[], t: number) => {
    const e = logits.map((z) => Math.exp(z / t));
    return e.map((x) => x / e.reduce((sum, y) => sum + y));
  };
  const taught = rows(valuesOf(teacher.hidden), valuesOf(teacher.weight)).map((z) => softmax(z, temperature));
  const exact = (h: ArrayLike<number>, w: ArrayLike<number>) =>
    rows(h, w).reduce((total, z, row) => {
      const [p, q] = [taught[row]!, softmax(z, temperature)];
      const sum = (f: (p: number, q: number) => number) => p.reduce((all, each, v) => all + f(each, q[v]!), 0);
      const diverged = 0.2 * sum((p, q) => p * Math.log(p / q)) + 0.8 * sum((p, q) => q * Math.log(q / p));
      return total - scale * alpha * Math.log(softmax(z, 1)[tokens[row]!]!) +
        scale * beta * temperature ** 2 * diverged;
    }, 0);
  const [h, w] = [valuesOf(student.hidden), valuesOf(student.weight)];
  const [loss, , , , dh, dw] = await compute(device, graph, tensors, {
    persistent: { [gradient.name]: new Float32Array(10) },
  });
  assertClose(loss!, [exact(h, w)], "loss", 1e-6);
  assertClose(dh!, differences((h) => exact(h, w), h), "hidden", 3e-6);
  assertClose(dw!, differences((w) => exact(h, w), w), "weight", 3e-6);
});

Deno.test("without a teacher's share the loss and its gradients are those of linearCrossEntropy()", async () => {
  const graph = new Graph();
  const given: Case = { positions: 70, vocabulary: 37, widths: [8, 4], coefficients: [1, 0, 3], ignore: 5 };
  const { student: { hidden, weight }, targets, scale, tensors, gradient } = record(graph, given);
  const plain = graph.persistent("plain", [37, 8], "gradient");
  const loss = linearCrossEntropy(hidden, weight, targets, { scale, gradient: plain });
  const into = new Map([[weight, plain]]);
  const dhidden = differentiate(graph, { of: loss, wrt: [hidden, weight], into }).get(hidden)!;
  const zeros = new Float32Array(37 * 8);
  const persistent = { plain: zeros, [gradient.name]: zeros };
  const values = await compute(device, graph, [tensors[0]!, tensors[4]!, gradient, loss, dhidden, plain], {
    persistent,
  });
  for (let i = 0; i < 3; i++) assertClose(values[i]!, values[3 + i]!, ["loss", "hidden", "weight"][i]!, 2e-6);
});

Deno.test("distillation() refuses what does not fit, a weight that is none, and gradients that were not computed", () => {
  const graph = new Graph();
  const layer = (name: string, vocabulary = 9, rows = 5) => ({
    hidden: graph.input(`${name} hidden`, [rows, 4]),
    weight: graph.input(`${name} weight`, [vocabulary, 4]),
  });
  const [student, teacher] = [layer("student"), layer("teacher")];
  const targets = graph.input("targets", [5], "u32");
  const coefficients = graph.input("coefficients", [3]);
  const all = { student, teacher, targets, coefficients };
  const refused = (change: Partial<DistillationOptions>, message: string) =>
    assertThrows(() => distillation({ ...all, ...change }), RangeError, message);
  refused({ teacher: layer("larger", 10) }, "the teacher's vocabulary must be the student's of 9, found larger weight");
  refused({ teacher: layer("longer", 9, 6) }, "the teacher's hidden states must be [5, 4], found longer hidden [6, 4]");
  refused({ student: layer("shorter", 9, 4) }, "the student's hidden states must be [5, 4]");
  refused({ coefficients: targets }, "'coefficients' must be [3]");
  refused(
    { divergence: "kl" as Divergence },
    `'divergence' must be one of forward_kl, reverse_kl, symmetric_kl, jensen_shannon, found "kl"`,
  );
  refused({ divergence: "jensen_shannon", weight: 1 }, "'weight' must lie between 0 and 1, found 1");
  refused({ chunk: 50 }, "'chunk' must be a multiple of 64, found 50");
  refused({ targets: graph.input("t", [5]) }, "targets must be u32, found t [5] of f32");
  const narrow = graph.persistent("narrow", [9, 3], "gradient");
  refused({ gradient: narrow }, "'gradient' must be [9, 4] as student weight is, found narrow [9, 3]");
  const alone = distillation(all).loss;
  assertThrows(() => differentiate(graph, { of: alone, wrt: [student.hidden] }), RangeError, "pass 'gradient'");
  const gradient = graph.persistent("dweight", [9, 4], "gradient");
  const { divergence, loss } = distillation({ ...all, gradient });
  assertThrows(
    () => differentiate(graph, { of: divergence, wrt: [student.hidden] }),
    RangeError,
    "differentiate 'loss'",
  );
  assertThrows(
    () => differentiate(graph, { of: loss, wrt: [teacher.hidden] }),
    RangeError,
    "the teacher has no gradient",
  );
});
