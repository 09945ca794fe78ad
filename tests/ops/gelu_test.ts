import { assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { type Activation, gelu } from "../../lib/ops/gelu/mod.ts";
import { assertClose, compute, constant, differences, tf, toTf, valuesOf } from "./harness.ts";

const device = await openDevice("webgpu");

/** The error function in double precision: a series of positive terms, Abramowitz and Stegun 7.1.6. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) sum += term *= 2 * x * x / (2 * n + 1);
  return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
}

/** From their definitions, in double precision. */
const EXACT: Record<Activation, (x: number) => number> = {
  gelu: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  gelu_tanh: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
};
const TENSORFLOW: Record<Activation, (x: tf.Tensor) => tf.Tensor> = {
  gelu: (x) => x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1)),
  gelu_tanh: (x) => x.mul(0.5).mul(x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI)).tanh().add(1)),
};

for (const activation of ["gelu", "gelu_tanh"] as const) {
  Deno.test(`gelu(x, "${activation}") equals TensorFlow.js in values and gradients on odd sizes`, async () => {
    const graph = new Graph();
    const cases = ([[1], [5, 7], [37, 20], [129, 66]] as const).map((shape) => {
      const [x, dy] = ["x", "dy"].map((which) => constant(graph, `${which} ${shape.join(" x ")}`, shape));
      const y = gelu(x!, activation);
      return { x: x!, dy: dy!, tensors: [y, ...differentiate(graph, { of: y, wrt: [x!], upstream: dy! }).values()] };
    });
    const values = await compute(device, graph, cases.flatMap(({ tensors }) => tensors));
    cases.forEach(({ x, dy }, i) => {
      assertClose(values[2 * i]!, TENSORFLOW[activation](toTf(x)).dataSync(), x.name);
      assertClose(values[2 * i + 1]!, tf.grad(TENSORFLOW[activation])(toTf(x), toTf(dy)).dataSync(), dy.name);
    });
  });

  Deno.test(`gelu(x, "${activation}") is its definition in double precision, for large |x| too`, async () => {
    const graph = new Graph();
    const near = Float32Array.from({ length: 121 }, (_, i) => (i - 60) / 10);
    const far = Float32Array.of(-1e15, -1e6, -1000, -40, -12, 12, 40, 1000, 1e6, 1e15);
    const tensors = [near, far].flatMap((data, i) => {
      const x = graph.constant(`x ${i}`, [data.length], data);
      const upstream = graph.constant(`dy ${i}`, [data.length], new Float32Array(data.length).fill(1));
      const y = gelu(x, activation);
      return [y, differentiate(graph, { of: y, wrt: [x], upstream }).get(x)!];
    });
    const [y, dx, farY, farDx] = await compute(device, graph, tensors);
    const exact = EXACT[activation];
    assertClose(y!, [...near].map(exact), "y", 2e-7);
    assertClose(dx!, [...near].map((x) => differences(([x]) => exact(x!), [x])[0]!), "dx", 2e-6);
    assertEquals([...farY!], [...far].map((x) => Math.max(0, x)));
    assertClose(farDx!, [...far].map((x) => x > 0 ? 1 : 0), "dx far out", 1e-30);
  });
}

Deno.test("gelu() adds its gradient to an accumulator in place", async () => {
  const graph = new Graph();
  const [x, dy] = [constant(graph, "x", [5, 7]), constant(graph, "dy", [5, 7])];
  const sum = graph.persistent("sum", [5, 7], "gradient");
  const fresh = differentiate(graph, { of: gelu(x), wrt: [x], upstream: dy }).get(x)!;
  differentiate(graph, { of: gelu(x), wrt: [x], upstream: dy, into: new Map([[x, sum]]) });
  const [gradient, total] = await compute(device, graph, [fresh, sum], { persistent: { sum: valuesOf(dy) } });
  assertClose(total!, gradient!.map((value, i) => value + valuesOf(dy)[i]!), "sum", 1e-6);
  assertEquals(await compute(device, graph, [fresh]), [gradient!]);
});

Deno.test("gelu() refuses an activation that there is not", () => {
  const x = new Graph().input("x", [5]);
  assertThrows(
    () => gelu(x, "relu" as Activation),
    RangeError,
    `Cannot apply gelu to x [5]: 'activation' must be one of gelu, gelu_tanh, found "relu"`,
  );
});
