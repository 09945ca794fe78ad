import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import type { Tensor } from "../../lib/graph/tensor.ts";
import { add } from "../../lib/ops/add/mod.ts";
import { HIDDEN_LOSSES, type HiddenLoss, hiddenLoss } from "../../lib/ops/hidden_loss/mod.ts";
import { assertClose, compute, constant, differences, run, tf, toTf, valuesOf } from "./harness.ts";

const DEVICES = {
  "an invocation": await openDevice("webgpu", { tiled: [] }),
  "a workgroup": await openDevice("webgpu", { tiled: ["layerNorm", "sum"] }),
  "an invocation, in parts": await openDevice("webgpu", { tiled: [], maxBindingBytes: 65_536 }),
};

/** What kernels add to mean squares that divide. */
const EPSILON = 1e-8;

interface Case {
  readonly positions: number;
  /** The width of each layer that is compared. */
  readonly widths: readonly number[];
  readonly form: HiddenLoss;
  /** Standard deviation of the teacher's states; the student's is 1. @default {1} */
  readonly size?: number;
  /** @default {0.7} */
  readonly gamma?: number;
}

/** The sum over positions of the mean over layers, in TensorFlow.js. */
function lossTf(students: readonly tf.Tensor[], targets: readonly tf.Tensor[], form: HiddenLoss): tf.Scalar {
  const size = (x: tf.Tensor) => x.square().mean(-1).add(EPSILON);
  const losses = students.map((x, i) => {
    const t = targets[i]!;
    if (form === "cosine") return tf.scalar(1).sub(x.mul(t).mean(-1).div(size(x).mul(size(t)).sqrt()));
    const errors = x.sub(t).square().mean(-1);
    return form === "mse" ? errors : errors.div(size(t));
  });
  return losses.reduce((a, b) => a.add(b)).sum().div(students.length) as tf.Scalar;
}

function record(graph: Graph, given: Case) {
  const { positions, widths, form, size = 1, gamma = 0.7 } = given;
  const name = JSON.stringify(given);
  const pairs = widths.map((width, i) => ({
    student: constant(graph, `student's ${i} of ${name}`, [positions, width]),
    target: constant(graph, `target ${i} of ${name}`, [positions, width], size),
  }));
  const scale = 1 / positions;
  const weight = graph.constant(`gamma of ${name}`, [1], Float32Array.of(gamma));
  const { loss, unweighted } = hiddenLoss({ pairs, weight, form, scale });
  const found = differentiate(graph, { of: loss, wrt: pairs.map(({ student }) => student) });
  // One value a row always points the same way, so that the terms of its angle's slope cancel.
  const terms = pairs.filter(({ student }) => form === "cosine" && student.shape[1] === 1).map(({ student }) =>
    [found.get(student)!, gamma * scale / Math.min(...Array.from(valuesOf(student), Math.abs))] as const
  );
  return { name, pairs, gamma, scale, tensors: [loss, unweighted, ...found.values()], terms };
}

const cases: readonly Omit<Case, "form">[] = [
  { positions: 1, widths: [1] },
  { positions: 5, widths: [7, 7, 7], size: 30 },
  { positions: 67, widths: [64, 20, 3], size: 0.1 },
  { positions: 300, widths: [132] },
  { positions: 3, widths: [1100, 8], gamma: 0 },
];

for (const [who, device] of Object.entries(DEVICES)) {
  for (const form of HIDDEN_LOSSES) {
    Deno.test(`${form} and its gradient equal TensorFlow.js for layers of any size (${who} a row)`, async () => {
      const graph = new Graph();
      const recorded = cases.map((given) => record(graph, { ...given, form }));
      const terms = new Map(recorded.flatMap(({ terms }) => terms));
      const values = await compute(device, graph, recorded.flatMap(({ tensors }) => tensors), { terms });
      let at = 0;
      for (const { name, pairs, gamma, scale, tensors } of recorded) {
        const [loss, unweighted, ...gradients] = values.slice(at, at += tensors.length);
        const targets = pairs.map(({ target }) => toTf(target));
        const { value, grads } = tf.valueAndGrads((...students: tf.Tensor[]) => lossTf(students, targets, form))(
          pairs.map(({ student }) => toTf(student)),
        );
        const expected = scale * value.dataSync()[0]!;
        assertAlmostEquals(unweighted![0]!, expected, 1e-5 * expected + 1e-6, `${name}: loss`);
        assertAlmostEquals(loss![0]!, gamma * expected, 1e-5 * expected + 1e-6, `${name}: weighed loss`);
        grads.forEach((tensor, i) => {
          const slopes = tensor.dataSync().map((slope) => gamma * scale * slope);
          assertClose(gradients[i]!, slopes, `${name}: gradient ${i}`, 1e-5, terms.get(tensors[2 + i]!));
        });
      }
    });
  }

  Deno.test(`hidden losses agree with finite differences in double precision, near rows of zeros too (${who} a row)`, async () => {
    const SIZES = [1, 1e-4, 1e-5, 3], width = 6;
    const losses: Record<HiddenLoss, (x: Float64Array, t: ArrayLike<number>) => number> = {
      mse: (x, t) => mean(x.map((value, i) => (value - t[i]!) ** 2)),
      relative_mse: (x, t) =>
        mean(x.map((value, i) => (value - t[i]!) ** 2)) / (mean(Float64Array.from(t, (v) => v * v)) + EPSILON),
      cosine: (x, t) => {
        const [own, theirs] = [x, Float64Array.from(t)].map((each) => mean(each.map((v) => v * v)) + EPSILON);
        return 1 - mean(x.map((value, i) => value * t[i]!)) / Math.sqrt(own! * theirs!);
      },
    };
    const graph = new Graph();
    const rows = SIZES.flatMap((own) => SIZES.map((theirs) => [own, theirs] as const));
    const scaled = (name: string, which: 0 | 1) => {
      const normal = valuesOf(constant(new Graph(), name, [rows.length, width]));
      const values = Float32Array.from(normal, (value, i) => value * rows[Math.floor(i / width)]![which]);
      return graph.constant(name, [rows.length, width], values);
    };
    const [student, target] = [scaled("student", 0), scaled("target", 1)];
    const weight = graph.constant("gamma", [1], Float32Array.of(2));
    const tensors = HIDDEN_LOSSES.flatMap((form) => {
      const { loss } = hiddenLoss({ pairs: [{ student, target }], weight, form });
      return [loss, differentiate(graph, { of: loss, wrt: [student] }).get(student)!];
    });
    const values = await compute(device, graph, tensors);
    HIDDEN_LOSSES.forEach((form, i) => {
      const [loss, gradient] = [values[2 * i]!, values[2 * i + 1]!];
      let total = 0;
      rows.forEach(([own], row) => {
        const part = (of: ArrayLike<number>) => Float64Array.from(of).slice(row * width, (row + 1) * width);
        const [x, t] = [part(valuesOf(student)), part(valuesOf(target))];
        total += 2 * losses[form](x, t);
        const expected = differences((at) => 2 * losses[form](at, t), x, 1e-5 * own);
        assertClose(part(gradient), expected, `${form} of ${rows[row]}`, 3e-5);
      });
      assertClose(loss, [total], form, 1e-5);
    });
  });

  Deno.test(`hiddenLoss() is weighed by what comes after it, and adds to gradients found earlier (${who} a row)`, async () => {
    const graph = new Graph();
    const [student, target] = [constant(graph, "student", [70, 20]), constant(graph, "target", [70, 20])];
    const weight = graph.constant("gamma", [1], Float32Array.of(0.3));
    const lossOf = () => hiddenLoss({ pairs: [{ student, target }], weight, form: "cosine" }).loss;
    const into = graph.persistent("sum", [70, 20], "gradient");
    const once = differentiate(graph, { of: lossOf(), wrt: [student] }).get(student)!;
    const twice = differentiate(graph, { of: add(lossOf(), lossOf(), 3), wrt: [student] }).get(student)!;
    differentiate(graph, { of: lossOf(), wrt: [student], into: new Map([[student, into]]) });
    const persistent = { sum: new Float32Array(1400).fill(2) };
    const [one, four, added] = await compute(device, graph, [once, twice, into], { persistent });
    assertClose(four!, one!.map((value) => 4 * value), "four times the loss");
    assertClose(added!, one!.map((value) => value + 2), "on top of 2");
  });
}

for (const [who, device] of Object.entries({ ...DEVICES, "the CPU": await openDevice("cpu") })) {
  for (const form of HIDDEN_LOSSES) {
    Deno.test(`by ${form} a copy of the teacher has no loss, and a student of zeros a finite one (${who} a row)`, async () => {
      const graph = new Graph();
      const [target, copy] = [0, 1].map(() => constant(graph, "states", [3, 10])) as [Tensor, Tensor];
      const [zero, nothing] = [0, 1].map(() => graph.constant("0", [3, 10], new Float32Array(30))) as [Tensor, Tensor];
      const weight = graph.constant("gamma", [1], Float32Array.of(1));
      const of = (student: Tensor, target: Tensor) => {
        const { loss } = hiddenLoss({ pairs: [{ student, target }], weight, form, scale: 1 / 3 });
        return [loss, differentiate(graph, { of: loss, wrt: [student] }).get(student)!];
      };
      const tensors = [...of(copy, target), ...of(zero, target), ...of(zero, nothing)];
      const [same, flat, far, slope, none, still] = await run(device, graph, tensors);
      assert([...same!, ...flat!].every((value) => Math.abs(value) < 1e-6), `${same}, ${flat}`);
      if (form !== "mse") assertClose(far!, [1], form, 1e-5);
      assert(slope!.every(Number.isFinite) && slope!.some((value) => value !== 0), `${slope}`);
      assertEquals([...none!], [form === "cosine" ? 1 : 0]);
      assertEquals([...still!].map(Math.abs), Array(30).fill(0));
    });
  }
}

Deno.test("hiddenLoss() refuses no pair, shapes that differ, forms that there are not, and gradients that it does not have", () => {
  const graph = new Graph();
  const weight = graph.input("gamma", [1]);
  const student = graph.input("student", [4, 8]);
  const other = (shape: number[]) => graph.input(`teacher ${graph.tensors.length}`, shape);
  assertThrows(() => hiddenLoss({ pairs: [], weight }), RangeError, "'pairs' must have one, found none");
  for (const target of [other([4, 9]), other([3, 8])]) {
    const pairs = [{ student, target: other([4, 8]) }, { student, target }];
    assertThrows(() => hiddenLoss({ pairs, weight }), RangeError, "both must be [4, width] of one width");
  }
  const target = other([4, 8]);
  assertThrows(
    () => hiddenLoss({ pairs: [{ student, target }], weight, form: "l1" as HiddenLoss }),
    RangeError,
    `'form' must be one of mse, relative_mse, cosine, found "l1"`,
  );
  const { loss, unweighted } = hiddenLoss({ pairs: [{ student, target }], weight });
  assertThrows(() => differentiate(graph, { of: loss, wrt: [target] }), RangeError, "the teacher has no gradient");
  assertThrows(() => differentiate(graph, { of: loss, wrt: [weight] }), RangeError, "its weight has no gradient");
  assertThrows(() => differentiate(graph, { of: unweighted, wrt: [student] }), RangeError, "its gradient is that of");
});

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
