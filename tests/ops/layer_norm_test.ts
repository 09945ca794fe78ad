import { assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { add } from "../../lib/ops/add/mod.ts";
import { layerNorm } from "../../lib/ops/layer_norm/mod.ts";
import { assertClose, compute, constant, differences, dot, tf, toTf, valuesOf } from "./harness.ts";

const DEVICES = {
  "an invocation": await openDevice("webgpu", { tiled: [] }),
  "a workgroup": await openDevice("webgpu", { tiled: ["layerNorm"] }),
};
const EPSILON = 1e-3;

/** The last shape has rows longer than a workgroup of 256 with four values each. */
const SHAPES = [[1, 1], [5, 7], [37, 20], [129, 66], [3, 1100]] as const;

function normTf(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return x.sub(mean).mul(variance.add(EPSILON).rsqrt()).mul(gain).add(bias);
}

/** In double precision, and from the definition. */
function norm(x: Float64Array, gain: ArrayLike<number>, bias: ArrayLike<number>): Float64Array {
  const width = gain.length;
  return x.map((value, i) => {
    const row = x.subarray(i - i % width, i - i % width + width);
    const mean = row.reduce((sum, v) => sum + v, 0) / width;
    const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / width;
    return (value - mean) / Math.sqrt(variance + EPSILON) * gain[i % width]! + bias[i % width]!;
  });
}

for (const [who, device] of Object.entries(DEVICES)) {
  Deno.test(`layerNorm() equals TensorFlow.js in values and gradients on odd shapes (${who} a row)`, async () => {
    const graph = new Graph();
    const cases = SHAPES.map((shape) => {
      const width = shape[1];
      const name = shape.join(" x ");
      const [x, dy] = ["x", "dy"].map((which) => constant(graph, `${which} ${name}`, shape));
      const [gain, bias] = ["gain", "bias"].map((which) => constant(graph, `${which} ${name}`, [width]));
      const y = layerNorm(x!, gain!, bias!, EPSILON);
      const found = differentiate(graph, { of: y, wrt: [x!, gain!, bias!], upstream: dy! });
      const operands = [x!, gain!, bias!].map((tensor) => toTf(tensor));
      const gradients = tf.grads((x, gain, bias) => normTf(x!, gain!, bias!))(operands, toTf(dy!));
      const expected = [normTf(operands[0]!, operands[1]!, operands[2]!), ...gradients];
      // One value a row is its own mean, so that the terms of its gradient cancel.
      const slope = Math.abs(valuesOf(gain!)[0]! * valuesOf(dy!)[0]!) / Math.sqrt(EPSILON);
      const terms = width === 1 ? [[found.get(x!)!, slope] as const] : [];
      return { name, tensors: [y, ...found.values()], expected, terms };
    });
    const terms = new Map(cases.flatMap(({ terms }) => terms));
    const values = await compute(device, graph, cases.flatMap(({ tensors }) => tensors), { terms });
    cases.forEach(({ name, tensors, expected }, i) =>
      expected.forEach((tensor, j) => {
        const what = `${name}: ${["y", "dx", "dgain", "dbias"][j]}`;
        assertClose(values[4 * i + j]!, tensor.dataSync(), what, 2e-5, terms.get(tensors[j]!));
      })
    );
  });

  Deno.test(`layerNorm() agrees with finite differences in double precision (${who} a row)`, async () => {
    const graph = new Graph();
    const [x, dy] = [constant(graph, "x", [5, 7]), constant(graph, "dy", [5, 7])];
    const [gain, bias] = [constant(graph, "gain", [7]), constant(graph, "bias", [7])];
    const y = layerNorm(x, gain, bias, EPSILON);
    const found = differentiate(graph, { of: y, wrt: [x, gain], upstream: dy });
    const [value, dx, dgain] = await compute(device, graph, [y, ...found.values()]);
    const [vx, vgain, vbias, vdy] = [x, gain, bias, dy].map((tensor) => Float64Array.from(valuesOf(tensor)));
    assertClose(value!, norm(vx!, vgain!, vbias!), "y");
    assertClose(dx!, differences((x) => dot(vdy!, norm(x, vgain!, vbias!)), vx!), "dx");
    assertClose(dgain!, differences((gain) => dot(vdy!, norm(vx!, gain, vbias!)), vgain!), "dgain");
  });

  Deno.test(`layerNorm() keeps its digits where the mean is large (${who} a row)`, async () => {
    const graph = new Graph();
    const x = graph.constant("x", [2, 36], Float32Array.from({ length: 72 }, (_, i) => 4096 + (i * 7 % 36) / 8));
    const [gain, bias] = [constant(graph, "gain", [36]), constant(graph, "bias", [36])];
    const [y] = await compute(device, graph, [layerNorm(x, gain, bias, EPSILON)]);
    const expected = norm(Float64Array.from(valuesOf(x)), valuesOf(gain), valuesOf(bias));
    assertClose(y!, expected, "y", 1e-5);
  });

  Deno.test(`layerNorm() adds to gradients found earlier, fused or in place (${who} a row)`, async () => {
    const graph = new Graph();
    const x = constant(graph, "x", [37, 20]);
    const [gain, bias] = [constant(graph, "gain", [20]), constant(graph, "bias", [20])];
    const dy = constant(graph, "dy", [37, 20]);
    const into = new Map([[gain, "dgain"], [x, "dx"]] as const);
    const accumulators = new Map(
      [...into].map(([tensor, name]) => [tensor, graph.persistent(name, tensor.shape, "gradient")]),
    );
    const fused = differentiate(graph, { of: add(x, layerNorm(x, gain, bias)), wrt: [x], upstream: dy });
    const alone = differentiate(graph, { of: layerNorm(x, gain, bias), wrt: [x, gain], upstream: dy });
    differentiate(graph, { of: layerNorm(x, gain, bias), wrt: [x, gain], upstream: dy, into: accumulators });
    const [both, dx, dgain, sumX, sumGain] = await compute(device, graph, [
      ...fused.values(),
      ...alone.values(),
      accumulators.get(x)!,
      accumulators.get(gain)!,
    ], { persistent: { dx: new Float32Array(740).fill(3), dgain: new Float32Array(20).fill(-2) } });
    assertClose(both!, dx!.map((value, i) => value + valuesOf(dy)[i]!), "residual and norm");
    assertClose(sumX!, dx!.map((value) => value + 3), "x");
    assertClose(sumGain!, dgain!.map((value) => value - 2), "gain");
  });

  Deno.test(`layerNorm() has the same bytes in every run (${who} a row)`, async () => {
    const graph = new Graph();
    const [x, gain, bias] = [constant(graph, "x", [129, 66]), constant(graph, "g", [66]), constant(graph, "b", [66])];
    const y = layerNorm(x, gain, bias);
    const found = differentiate(graph, { of: y, wrt: [x, gain, bias], upstream: constant(graph, "dy", [129, 66]) });
    const once = await compute(device, graph, [y, ...found.values()]);
    assertEquals(await compute(device, graph, [y, ...found.values()], { runs: 2 }), once);
  });
}

Deno.test("layerNorm() refuses a gain or bias of another width, with the shapes found", () => {
  const graph = new Graph();
  const [x, gain, bias] = [graph.input("x", [2, 8]), graph.input("gain", [8]), graph.input("bias", [7])];
  assertThrows(() => layerNorm(x, gain, bias), RangeError, "must have 8 values, found gain [8] and bias [7]");
});
