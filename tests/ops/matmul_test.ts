import { assert, assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { WebGPUDevice } from "../../lib/devices/webgpu/device.ts";
import { lower } from "../../lib/devices/webgpu/lower.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { plan } from "../../lib/graph/plan.ts";
import type { Tensor } from "../../lib/graph/tensor.ts";
import type { Activation } from "../../lib/ops/gelu/mod.ts";
import { type Form, linear, matmul } from "../../lib/ops/matmul/mod.ts";
import { assertClose, compute, constant, normals, tf, toTf, valuesOf } from "./harness.ts";

const FORMS: readonly Form[] = ["NN", "NT", "TN"];
const KERNELS = { software: { tiled: [] }, tiled: { tiled: ["matmul"] } } as const;

/** Operands in memory: shapes of A and B for a product of these dimensions. */
function shapes(form: Form, m: number, n: number, k: number): [number[], number[]] {
  return [form === "TN" ? [k, m] : [m, k], form === "NT" ? [n, k] : [k, n]];
}

type Options = Parameters<typeof openDevice>[1];

async function run(graph: Graph, tensors: readonly Tensor[], options: Options): Promise<Float32Array[]> {
  using device = await openDevice("webgpu", options);
  return await compute(device, graph, tensors);
}

/** The product in double precision, with the values that `constant` gives operands of these names and shapes. */
function reference(form: Form, a: Tensor, b: Tensor, m: number, n: number, k: number, batch = 1): Float64Array {
  const [x, y] = [valuesOf(a), valuesOf(b)];
  const out = new Float64Array(batch * m * n);
  for (let z = 0; z < batch; z++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++) {
          const left = x[z * m * k + (form === "TN" ? p * m + i : i * k + p)]!;
          sum += left * y[z * k * n + (form === "NT" ? j * k + p : p * n + j)]!;
        }
        out[(z * m + i) * n + j] = sum;
      }
    }
  }
  return out;
}

/** Odd sizes, then sizes for loads of four with and without a rest of k. */
const SIZES = [[1, 1, 1], [7, 13, 5], [65, 33, 17], [129, 66, 70], [36, 68, 64], [20, 132, 52]] as const;
/** What is left of them once rests of k are rests of 16: each size is a kernel of its own to compile. */
const TILED_SIZES = [[1, 1, 1], [129, 66, 70], [132, 68, 36], [64, 132, 32]] as const;

for (const [kind, options] of Object.entries(KERNELS)) {
  Deno.test(`matmul() equals products in double precision, in every form and size (${kind} kernel)`, async () => {
    const graph = new Graph();
    const cases = FORMS.flatMap((form) =>
      (kind === "tiled" ? TILED_SIZES : SIZES).map(([m, n, k]) => {
        const [left, right] = shapes(form, m, n, k);
        const name = `${form} ${m} x ${n} x ${k}`;
        const [a, b] = [constant(graph, `${name}: a`, left), constant(graph, `${name}: b`, right)];
        return { name, out: matmul(a, b, { form }), expected: reference(form, a, b, m, n, k) };
      })
    );
    const values = await run(graph, cases.map(({ out }) => out), options);
    cases.forEach(({ name, expected }, i) => assertClose(values[i]!, expected, name));
  });

  Deno.test(`matmul() multiplies batches and scales by alpha (${kind} kernel)`, async () => {
    const graph = new Graph();
    const [m, n, k] = [20, 36, 8];
    const cases = FORMS.map((form) => {
      const [left, right] = shapes(form, m, n, k);
      const [a, b] = [constant(graph, `${form}: a`, [2, 3, ...left]), constant(graph, `${form}: b`, [2, 3, ...right])];
      const out = matmul(a, b, { form, alpha: 0.5 });
      assertEquals(out.shape, [2, 3, m, n]);
      return { form, out, expected: reference(form, a, b, m, n, k, 6).map((value) => 0.5 * value) };
    });
    const values = await run(graph, cases.map(({ out }) => out), options);
    cases.forEach(({ form, expected }, i) => assertClose(values[i]!, expected, form));
  });

  Deno.test(`what lies beside a matrix does not leak into its products (${kind} kernel)`, async () => {
    const graph = new Graph();
    const cases = FORMS.flatMap((form) =>
      ([[5, 7, 6], [8, 12, 6]] as const).map(([m, n, k]) => {
        const operands = shapes(form, m, n, k).map((shape, i) => {
          const tensor = constant(graph, `${form} ${m}: ${i}`, [2, ...shape]);
          valuesOf(tensor).fill(Infinity, tensor.size / 2);
          return tensor;
        });
        const [a, b] = operands as [Tensor, Tensor];
        return { form, size: m * n, out: matmul(a, b, { form }), expected: reference(form, a, b, m, n, k) };
      })
    );
    const values = await run(graph, cases.map(({ out }) => out), options);
    cases.forEach(({ form, size, expected }, i) => assertClose(values[i]!.subarray(0, size), expected, form));
  });

  Deno.test(`linear() adds bias and residual and applies gelu as TensorFlow.js does (${kind} kernel)`, async () => {
    const graph = new Graph();
    const cases = ([[9, 36, 12], [5, 7, 12]] as const).flatMap(([rows, outputs, inputs]) => {
      const name = (what: string) => `${what} of ${outputs}`;
      const x = constant(graph, name("x"), [3, rows, inputs]);
      const weight = constant(graph, name("weight"), [outputs, inputs]);
      const bias = constant(graph, name("bias"), [outputs]);
      const residual = constant(graph, name("residual"), [3, rows, outputs]);
      const product = tf.matMul(toTf(x).reshape([3 * rows, inputs]), toTf(weight), false, true).reshape(
        residual.shape as [number, number, number],
      );
      const biased = product.add(toTf(bias));
      const erf = biased.mul(0.5).mul(biased.mul(Math.SQRT1_2).erf().add(1));
      const cube = biased.add(biased.pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
      return [
        { out: linear(x, weight), expected: product },
        { out: linear(x, weight, { bias, residual }), expected: biased.add(toTf(residual)) },
        { out: linear(x, weight, { bias, activation: "gelu" }), expected: erf },
        {
          out: linear(x, weight, { bias, activation: "gelu_tanh" }),
          expected: biased.mul(0.5).mul(cube.tanh().add(1)),
        },
      ];
    });
    const values = await run(graph, cases.map(({ out }) => out), options);
    cases.forEach(({ out, expected }, i) => {
      assertEquals(out.shape, expected.shape);
      assertClose(values[i]!, expected.dataSync(), out.name);
    });
  });
}

Deno.test("the tiled kernel computes large products in tiles of 128 rows", async () => {
  const graph = new Graph();
  const [m, n, k] = [1444, 1460, 5];
  const [a, b] = [constant(graph, "a", [m, k]), constant(graph, "b", [k, n])];
  const [values] = await run(graph, [matmul(a, b)], KERNELS.tiled);
  assertClose(values!, reference("NN", a, b, m, n, k), "NN");
});

Deno.test("the tiled kernel with its loop written out gives the same bytes", async () => {
  const graph = new Graph();
  const products = [matmul(constant(graph, "a", [68, 40]), constant(graph, "b", [72, 40]), { form: "NT" })];
  const written = await run(graph, products, { ...KERNELS.tiled, unrolled: true });
  assertEquals(written, await run(graph, products, KERNELS.tiled));
});

Deno.test("the tiled kernel computes long sums in parts", async () => {
  const graph = new Graph();
  const [m, n, k] = [36, 20, 512];
  const cases = FORMS.map((form) => {
    const [left, right] = shapes(form, m, n, k);
    const [a, b] = [constant(graph, `${form}: a`, left), constant(graph, `${form}: b`, right)];
    const out = matmul(a, b, { form, alpha: 0.5 });
    return { form, out, expected: reference(form, a, b, m, n, k).map((value) => 0.5 * value) };
  });
  using device = await WebGPUDevice.open(KERNELS.tiled);
  const { launches } = lower(plan(graph), device.target);
  assertEquals(launches.map(({ kernel, groups }) => [kernel.name, groups[2]]), [
    ...FORMS.flatMap(() => [["matmul.tiled", 4], ["matmul_combine", 1]]),
  ]);
  const values = await compute(device, graph, cases.map(({ out }) => out));
  cases.forEach(({ form, expected }, i) => assertClose(values[i]!, expected, form));
});

Deno.test("linear() has the gradients that TensorFlow.js finds", async () => {
  const graph = new Graph();
  const x = constant(graph, "x", [2, 7, 12]);
  const weight = constant(graph, "weight", [20, 12]);
  const bias = constant(graph, "bias", [20]);
  const residual = constant(graph, "residual", [2, 7, 20]);
  const upstream = constant(graph, "dy", [2, 7, 20]);
  const wrt = [x, weight, bias, residual];
  const plain = differentiate(graph, { of: linear(x, weight, { bias, residual }), wrt, upstream });
  const gelu = differentiate(graph, {
    of: linear(x, weight, { bias, activation: "gelu_tanh" }),
    wrt: [x, weight, bias],
    upstream,
  });
  const values = await run(graph, [...plain.values(), ...gelu.values()], KERNELS.software);

  const [tx, tw, tb, tr, dy] = [...wrt, upstream].map((t) => toTf(t));
  const affine = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) =>
    tf.matMul(x.reshape([14, 12]), w as tf.Tensor2D, false, true).reshape([2, 7, 20]).add(b);
  const activated = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => {
    const v = affine(x, w, b);
    return v.mul(0.5).mul(v.add(v.mul(v).mul(v).mul(0.044715)).mul(Math.sqrt(2 / Math.PI)).tanh().add(1));
  };
  const expected = [
    ...tf.grads((x, w, b, r) => affine(x!, w!, b!).add(r!))([tx!, tw!, tb!, tr!], dy!),
    ...tf.grads((x, w, b) => activated(x!, w!, b!))([tx!, tw!, tb!], dy!),
  ];
  expected.forEach((gradient, i) => assertClose(values[i]!, gradient.dataSync(), `gradient ${i}`));
});

Deno.test("matmul() of batches has the gradients that TensorFlow.js finds, in every form", async () => {
  const graph = new Graph();
  const [m, n, k] = [5, 8, 12];
  const cases = FORMS.map((form) => {
    const [left, right] = shapes(form, m, n, k);
    const a = constant(graph, `${form}: a`, [3, ...left]);
    const b = constant(graph, `${form}: b`, [3, ...right]);
    const upstream = constant(graph, `${form}: dy`, [3, m, n]);
    return {
      form,
      tensors: [a, b, upstream],
      found: differentiate(graph, { of: matmul(a, b, { form, alpha: 2 }), wrt: [a, b], upstream }),
    };
  });
  const values = await run(graph, cases.flatMap(({ found }) => [...found.values()]), KERNELS.software);
  cases.forEach(({ form, tensors }, i) => {
    const [a, b, dy] = tensors.map((t) => toTf(t));
    const product = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b, form === "TN", form === "NT").mul(2);
    const [da, db] = tf.grads((a, b) => product(a!, b!))([a!, b!], dy!);
    assertClose(values[2 * i]!, da!.dataSync(), `${form}: a`);
    assertClose(values[2 * i + 1]!, db!.dataSync(), `${form}: b`);
  });
});

for (const [kind, options] of Object.entries(KERNELS)) {
  Deno.test(`gradients are added to accumulators in place, and to sums found earlier (${kind} kernel)`, async () => {
    const graph = new Graph();
    const x = constant(graph, "x", [256, 12]);
    const weight = constant(graph, "weight", [12, 12]);
    const upstream = constant(graph, "dy", [256, 12]);
    const accumulator = graph.persistent("dweight", [12, 12], "gradient");
    const y = linear(linear(x, weight), weight); // two uses of one weight, so its sum is added to twice
    const found = differentiate(graph, { of: y, wrt: [x, weight], upstream, into: new Map([[weight, accumulator]]) });
    const fresh = differentiate(graph, { of: linear(linear(x, weight), weight), wrt: [weight], upstream });
    assertEquals(found.get(weight), accumulator);
    const [sum, gradient] = await run(graph, [accumulator, fresh.get(weight)!], options);
    const before = normals("dweight", 144);
    assertClose(sum!, gradient!.map((value, i) => value + before[i]!), "accumulator");

    const [tx, tw, dy] = [x, weight, upstream].map((t) => toTf(t));
    const twice = (w: tf.Tensor) =>
      tf.matMul(tf.matMul(tx as tf.Tensor2D, w as tf.Tensor2D, false, true), w as tf.Tensor2D, false, true);
    assertClose(gradient!, tf.grad(twice)(tw!, dy!).dataSync(), "sum of two uses");
  });
}

Deno.test("operands larger than a binding are split and give the same product", async () => {
  const graph = new Graph();
  const [m, n, k] = [300, 140, 200];
  const outs = FORMS.map((form) => {
    const [left, right] = shapes(form, m, n, k);
    return matmul(constant(graph, `${form}: a`, left), constant(graph, `${form}: b`, right), { form });
  });
  const [x, weight, bias] = [
    constant(graph, "x", [m, k]),
    constant(graph, "weight", [n, k]),
    constant(graph, "bias", [n]),
  ];
  const residual = constant(graph, "residual", [m, n]);
  outs.push(linear(x, weight, { bias, residual, activation: "gelu" }));
  const whole = await run(graph, outs, KERNELS.software);
  const limited = { ...KERNELS.software, maxBindingBytes: 64 * 300 * 4 };
  const split = await run(graph, outs, limited);
  using device = await openDevice("webgpu", limited);
  assert(device.estimate(plan(graph)).launches > 2 * outs.length);
  outs.forEach((out, i) => assertClose(split[i]!, whole[i]!, out.name));
});

Deno.test("a product has the same bytes in every run", async () => {
  const graph = new Graph();
  const out = matmul(constant(graph, "a", [70, 64]), constant(graph, "b", [64, 52]));
  assertEquals(await run(graph, [out], KERNELS.software), await run(graph, [out], KERNELS.software));
});

Deno.test("shapes that do not fit are refused with the shapes found", () => {
  const graph = new Graph();
  const tensor = (name: string, ...shape: number[]) => graph.input(name, shape);
  const x = tensor("x", 2, 8);
  assertThrows(() => linear(x, tensor("w", 4, 7)), RangeError, "the weight must be [outputs, 8], found w [4, 7]");
  const weight = tensor("weight", 4, 8);
  assertThrows(() => linear(x, weight, { bias: tensor("b", 5) }), RangeError, "bias must have 4 values, found b [5]");
  assertThrows(() => matmul(x, weight), RangeError, "Cannot multiply x [2, 8] and weight [4, 8] in form NN");
  assertThrows(() => matmul(tensor("a", 2, 3, 4), tensor("c", 3, 4, 5)), RangeError, "must be the same in both");
});

Deno.test("matmul() and linear() refuse forms and activations that there are not", () => {
  const graph = new Graph();
  const [x, weight] = [graph.input("x", [2, 2]), graph.input("weight", [2, 2])];
  assertThrows(
    () => matmul(x, weight, { form: "nt" as Form }),
    RangeError,
    `Cannot multiply x [2, 2] and weight [2, 2]: 'form' must be one of NN, NT, TN, found "nt"`,
  );
  assertThrows(
    () => linear(x, weight, { activation: "relu" as Activation }),
    RangeError,
    `Cannot apply a linear layer to x [2, 2]: 'activation' must be one of gelu, gelu_tanh, found "relu"`,
  );
});
