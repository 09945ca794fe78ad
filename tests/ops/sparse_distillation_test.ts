import { assert, assertAlmostEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { IGNORED_TARGET, linearCrossEntropy } from "../../lib/ops/cross_entropy/mod.ts";
import { distillation } from "../../lib/ops/distillation/mod.ts";
import { sparseDistillation, type SparseDistillationOptions } from "../../lib/ops/sparse_distillation/mod.ts";
import { assertClose, compute, constant, differences, integers, normals, tf, toTf, valuesOf } from "./harness.ts";

const DEVICES = {
  "an invocation": await openDevice("webgpu", { tiled: [] }),
  "a workgroup": await openDevice("webgpu", { tiled: ["crossEntropy"] }),
};
const device = DEVICES["an invocation"];

interface Case {
  readonly positions: number;
  readonly vocabulary: number;
  readonly width: number;
  /** Entries of a position; the last one is padding where there are several. */
  readonly entries: number;
  /** Whether the tokens that are no entries have what is left of the mass. @default {true} */
  readonly rest?: boolean;
  /** Standard deviation of the teacher's logits: flat or peaked distributions. @default {1} */
  readonly peak?: number;
  /** Alpha, beta and temperature. @default {[0.3, 0.7, 2]} */
  readonly coefficients?: readonly [number, number, number];
  /** Every so many-th position has no target. */
  readonly ignore?: number;
  readonly chunk?: number;
}

/** The most likely tokens of a teacher, but for the last entry, which has no mass. */
function entriesOf(name: string, { positions, vocabulary, entries, rest = true, peak = 1 }: Case) {
  const logits = normals(`teacher of ${name}`, positions * vocabulary, peak);
  const ids = new Uint32Array(positions * entries), masses = new Float32Array(positions * (entries + 1));
  for (let row = 0; row < positions; row++) {
    const exponentials = [...logits.subarray(row * vocabulary, (row + 1) * vocabulary)].map(Math.exp);
    const sum = exponentials.reduce((all, each) => all + each);
    const order = exponentials.map((each, id) => [each / sum, id] as const).sort(([a], [b]) => b - a);
    const taken = order.slice(0, entries);
    const padded = entries > 1 && entries < vocabulary;
    taken.forEach(([mass, id], i) => {
      // Padding names a token that is an entry already.
      ids[row * entries + i] = padded && i === entries - 1 ? taken[0]![1] : id;
      masses[row * (entries + 1) + i] = padded && i === entries - 1 ? 0 : mass;
    });
    const left = order.slice(padded ? entries - 1 : entries).reduce((all, [mass]) => all + mass, 0);
    masses[row * (entries + 1) + entries] = rest ? left : 0;
  }
  return { ids, masses };
}

function record(graph: Graph, given: Case) {
  const { positions, vocabulary, width, entries, coefficients = [0.3, 0.7, 2], ignore, chunk } = given;
  const name = JSON.stringify(given);
  const student = {
    hidden: constant(graph, `hidden states of ${name}`, [positions, width]),
    weight: constant(graph, `weight of ${name}`, [vocabulary, width]),
  };
  const known = entriesOf(name, given);
  const teacher = {
    ids: graph.constant(`ids of ${name}`, [positions, entries], known.ids),
    masses: graph.constant(`masses of ${name}`, [positions, entries + 1], known.masses),
  };
  const tokens = integers(name, positions, vocabulary).map((t, i) => ignore && i % ignore === 0 ? IGNORED_TARGET : t);
  const targets = graph.constant(`targets of ${name}`, [positions], tokens);
  const gradient = graph.persistent(`dweight of ${name}`, [vocabulary, width], "gradient");
  const scale = 1 / positions;
  const options: SparseDistillationOptions = {
    ...{ student, teacher, targets, scale, ...(chunk ? { chunk } : {}) },
    coefficients: graph.constant(`coefficients of ${name}`, [3], Float32Array.from(coefficients)),
  };
  const found = sparseDistillation({ ...options, gradient });
  const into = new Map([[student.weight, gradient]]);
  const dhidden = differentiate(graph, { of: found.loss, wrt: [student.hidden, student.weight], into });
  const alone = sparseDistillation(options).loss;
  const tensors = [
    ...[found.loss, found.crossEntropy, found.divergence, alone],
    ...[dhidden.get(student.hidden)!, gradient],
  ];
  return { name, given, student, known, tokens, targets, gradient, coefficients, scale, tensors, options };
}

type Recorded = ReturnType<typeof record>;

/** The same losses in TensorFlow.js, over the whole vocabulary. */
function lossesTf(
  [hidden, weight]: readonly [tf.Tensor, tf.Tensor],
  { given, known: { ids, masses }, tokens, coefficients: [alpha, beta, temperature], scale }: Recorded,
) {
  const { positions, vocabulary, entries } = given;
  const p = new Float32Array(positions * vocabulary), rests: number[] = [];
  for (let row = 0; row < positions; row++) {
    for (let i = 0; i < entries; i++) {
      p[row * vocabulary + ids[row * entries + i]!]! += masses[row * (entries + 1) + i]!;
    }
    rests.push(masses[row * (entries + 1) + entries]!);
  }
  const kept = tf.tensor1d([...tokens].map((token) => token === IGNORED_TARGET ? 0 : 1));
  const labels = tf.tensor1d(Int32Array.from(tokens, (token) => token === IGNORED_TARGET ? 0 : token), "int32");
  const z = tf.matMul(hidden as tf.Tensor2D, weight as tf.Tensor2D, false, true);
  const mean = (rows: tf.Tensor) => tf.sum(rows.mul(kept)).mul(scale) as tf.Scalar;
  const crossEntropy = mean(tf.sum(tf.logSoftmax(z).mul(tf.oneHot(labels, vocabulary)), 1).mul(-1));
  const logQ = tf.logSoftmax(z.div(temperature));
  const masses_ = tf.tensor2d(p, [positions, vocabulary]);
  const inside = tf.sum(tf.mul(masses_, tf.log(tf.maximum(masses_, 1e-37)).sub(logQ)), 1);
  const rest = tf.tensor1d(rests);
  const outside = tf.logSumExp(logQ.sub(tf.greater(masses_, 0).toFloat().mul(1e9)), 1);
  const bucket = rest.mul(tf.log(tf.maximum(rest, 1e-37)).sub(outside));
  const has = tf.greater(rest, 0);
  const diverged = mean(inside.add(tf.where(has, bucket, tf.zerosLike(bucket))));
  return {
    loss: crossEntropy.mul(alpha).add(diverged.mul(beta * temperature ** 2)) as tf.Scalar,
    crossEntropy,
    diverged,
  };
}

async function compare(device: (typeof DEVICES)[keyof typeof DEVICES], cases: readonly Case[], tolerance = 2e-5) {
  const graph = new Graph();
  const recorded = cases.map((given) => record(graph, given));
  const values = await compute(device, graph, recorded.flatMap(({ tensors }) => tensors));
  recorded.forEach((each, i) => {
    const [loss, crossEntropy, divergence, alone, dhidden, dweight] = values.slice(6 * i, 6 * i + 6);
    const { name, student, gradient } = each;
    const f = (hidden: tf.Tensor, weight: tf.Tensor) => lossesTf([hidden, weight], each);
    const [h, w] = [toTf(student.hidden), toTf(student.weight)];
    const { value, grads } = tf.valueAndGrads((hidden, weight) => f(hidden!, weight!).loss)([h, w]);
    const [dh, dw] = grads.map((tensor) => tensor.dataSync());
    const expected = f(h, w);
    assertClose(alone!, loss!, `${name}: loss without gradients`, 2e-6);
    assertClose(loss!, value.dataSync(), `${name}: loss`, tolerance);
    assertClose(crossEntropy!, expected.crossEntropy.dataSync(), `${name}: cross-entropy`, tolerance);
    assertClose(divergence!, expected.diverged.dataSync(), `${name}: divergence`, tolerance);
    assertClose(dhidden!, dh!, `${name}: hidden`, tolerance);
    const before = normals(gradient.name, gradient.size);
    assertClose(dweight!, before.map((v, j) => v + dw![j]!), `${name}: weight`, tolerance);
  });
}

for (const [who, device] of Object.entries(DEVICES)) {
  for (const rest of [true, false]) {
    const what = rest ? "entries and a rest" : "entries without a rest";
    Deno.test(`${what} equal TensorFlow.js at every temperature, for flat and peaked teachers (${who} a row)`, () =>
      compare(
        device,
        [0.5, 1, 2, 10].flatMap((temperature) =>
          [0.1, 3].map((peak): Case => ({
            ...{ positions: 5, vocabulary: 37, width: 7, entries: 6, peak, rest },
            coefficients: [0.3, 0.7, temperature],
          }))
        ),
      ));
  }

  Deno.test(`sparseDistillation() equals TensorFlow.js on rows of any length, in chunks and without targets (${who} a row)`, () =>
    compare(device, [
      { positions: 1, vocabulary: 2, width: 1, entries: 1 },
      { positions: 66, vocabulary: 66, width: 20, entries: 4, ignore: 3, chunk: 64 },
      { positions: 65, vocabulary: 36, width: 3, entries: 16, chunk: 64, ignore: 2, coefficients: [1, 1, 1] },
      { positions: 2, vocabulary: 1100, width: 8, entries: 40, ignore: 2 },
      { positions: 4, vocabulary: 9, width: 3, entries: 3, coefficients: [0, 1, 1] },
      { positions: 4, vocabulary: 9, width: 3, entries: 3, coefficients: [2, 5, 3] },
    ]));

  Deno.test(`with all tokens as entries it is distillation() (${who} a row)`, async () => {
    for (const temperature of [0.5, 1, 2, 10]) {
      const graph = new Graph();
      const given: Case = {
        positions: 66,
        vocabulary: 37,
        width: 5,
        entries: 37,
        coefficients: [0.3, 0.7, temperature],
      };
      const { student, known, targets, options, scale, tensors, gradient } = record(graph, given);
      // A teacher whose logits are the entries' logarithms times the temperature.
      const logits = new Float32Array(66 * 37);
      known.ids.forEach((id, i) => {
        const row = Math.floor(i / 37);
        logits[37 * row + id] = temperature * Math.log(known.masses[38 * row + i % 37]!);
      });
      const identity = Float32Array.from({ length: 37 * 37 }, (_, i) => i % 38 === 0 ? 1 : 0);
      const teacher = {
        hidden: graph.constant("the teacher's logits", [66, 37], logits),
        weight: graph.constant("identity", [37, 37], identity),
      };
      const own = graph.persistent("whole", [37, 5], "gradient");
      const whole = distillation({
        student,
        teacher,
        targets,
        coefficients: options.coefficients,
        scale,
        gradient: own,
      });
      const into = new Map([[student.weight, own]]);
      const { hidden, weight } = student;
      const dhidden = differentiate(graph, { of: whole.loss, wrt: [hidden, weight], into }).get(hidden)!;
      const zeros = new Float32Array(37 * 5);
      const [loss, divergence, dh, dw, ...expected] = await compute(
        device,
        graph,
        [tensors[0]!, tensors[2]!, tensors[4]!, gradient, whole.loss, whole.divergence, dhidden, own],
        { persistent: { whole: zeros, [gradient.name]: zeros } },
      );
      [loss, divergence, dh, dw].forEach((values, i) =>
        assertClose(values!, expected[i]!, `${["loss", "divergence", "hidden", "weight"][i]} at ${temperature}`, 5e-6)
      );
    }
  });

  Deno.test(`a student that is sure, wrongly, has finite losses and gradients (${who} a row)`, async () => {
    const graph = new Graph();
    const gradient = graph.persistent("dweight", [3, 1], "gradient");
    const student = {
      hidden: graph.constant("hidden", [1, 1], Float32Array.of(1000)),
      weight: graph.constant("weight", [3, 1], Float32Array.of(-4, 1, 3)),
    };
    const { loss, divergence } = sparseDistillation({
      ...{ student, gradient },
      // Nearly nothing of the student's mass is outside its third token.
      teacher: {
        ids: graph.constant("id", [1, 1], Uint32Array.of(2)),
        masses: graph.constant("masses", [1, 2], Float32Array.of(0.5, 0.5)),
      },
      targets: graph.constant("target", [1], Uint32Array.of(1)),
      coefficients: graph.constant("coefficients", [3], Float32Array.of(0, 1, 1)),
    });
    const into = new Map([[student.weight, gradient]]);
    differentiate(graph, { of: loss, wrt: [student.hidden, student.weight], into });
    const persistent = { dweight: new Float32Array(3) };
    const [value, found, dw] = await compute(device, graph, [loss, divergence, gradient], { persistent });
    assertAlmostEquals(found![0]!, Math.log(0.5) + 0.5 * 2000, 1e-3);
    assert(value![0] === found![0]);
    // q - p for the entry; the rest pulls at the likeliest of the others alone.
    assertClose(dw!, [0, -500, 500], "weight", 1e-6);
  });
}

Deno.test("sparseDistillation() agrees with finite differences of the definition in double precision", async () => {
  const given: Case = { positions: 3, vocabulary: 6, width: 2, entries: 3 };
  const graph = new Graph();
  const { student, known, tokens, coefficients: [alpha, beta, temperature], scale, tensors, gradient } = record(
    graph,
    given,
  );
  const softmax = (logits: number[], t: number) => {
    const e = logits.map((z) => Math.exp(z / t));
    return e.map((x) => x / e.reduce((sum, y) => sum + y));
  };
  const exact = (h: ArrayLike<number>, w: ArrayLike<number>) => {
    let total = 0;
    for (let row = 0; row < 3; row++) {
      const z = Array.from({ length: 6 }, (_, v) => h[2 * row]! * w[2 * v]! + h[2 * row + 1]! * w[2 * v + 1]!);
      const q = softmax(z, temperature);
      let diverged = 0, covered = 0;
      for (let i = 0; i < 3; i++) {
        const p = known.masses[4 * row + i]!, own = q[known.ids[3 * row + i]!]!;
        if (p === 0) continue;
        diverged += p * Math.log(p / own);
        covered += own;
      }
      const rest = known.masses[4 * row + 3]!;
      diverged += rest * Math.log(rest / (1 - covered));
      total += scale * (beta * temperature ** 2 * diverged - alpha * Math.log(softmax(z, 1)[tokens[row]!]!));
    }
    return total;
  };
  const [h, w] = [valuesOf(student.hidden), valuesOf(student.weight)];
  const [loss, , , , dh, dw] = await compute(device, graph, tensors, {
    persistent: { [gradient.name]: new Float32Array(12) },
  });
  assertClose(loss!, [exact(h, w)], "loss", 1e-6);
  assertClose(dh!, differences((h) => exact(h, w), h), "hidden", 3e-6);
  assertClose(dw!, differences((w) => exact(h, w), w), "weight", 3e-6);
});

Deno.test("without a teacher's share the loss and its gradients are those of linearCrossEntropy()", async () => {
  const graph = new Graph();
  const given: Case = { positions: 70, vocabulary: 37, width: 8, entries: 5, coefficients: [1, 0, 3], ignore: 5 };
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

Deno.test("sparseDistillation() refuses what does not fit, and a gradient of the teacher", () => {
  const graph = new Graph();
  const student = { hidden: graph.input("hidden", [5, 4]), weight: graph.input("weight", [9, 4]) };
  const teacher = { ids: graph.input("ids", [5, 3], "u32"), masses: graph.input("masses", [5, 4]) };
  const targets = graph.input("targets", [5], "u32");
  const coefficients = graph.input("coefficients", [3]);
  const all = { student, teacher, targets, coefficients };
  const refused = (change: Partial<SparseDistillationOptions>, message: string) =>
    assertThrows(() => sparseDistillation({ ...all, ...change }), RangeError, message);
  const more = graph.input("more", [5, 10], "u32");
  refused({ teacher: { ...teacher, ids: more } }, "'ids' must be [5, entries] with at most 9 entries, found more");
  refused({ teacher: { ...teacher, masses: teacher.ids } }, "'masses' must be [5, 4], a rest after the entries");
  refused({ student: { ...student, hidden: targets } }, "the student's hidden states must be [5, 4]");
  refused({ coefficients: targets }, "'coefficients' must be [3]");
  refused({ chunk: 50 }, "'chunk' must be a multiple of 64, found 50");
  refused({ targets: graph.input("t", [5]) }, "targets must be u32, found t [5] of f32");
  const narrow = graph.persistent("narrow", [9, 3], "gradient");
  refused({ gradient: narrow }, "'gradient' must be [9, 4] as weight is, found narrow [9, 3]");
  const ids = graph.input("no ids", [5, 3]);
  refused({ teacher: { ...teacher, ids } }, "'ids' must be u32, found no ids [5, 3] of f32");
  const gradient = graph.persistent("dweight", [9, 4], "gradient");
  const { loss } = sparseDistillation({ ...all, gradient });
  assertThrows(
    () => differentiate(graph, { of: loss, wrt: [teacher.masses] }),
    RangeError,
    "the teacher has no gradient",
  );
});
