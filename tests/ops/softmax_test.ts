import { assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { softmax } from "../../lib/ops/softmax/mod.ts";
import { assertClose, compute, constant, tf, toTf } from "./harness.ts";

const DEVICES = {
  "an invocation": await openDevice("webgpu", { tiled: [] }),
  "a workgroup": await openDevice("webgpu", { tiled: ["crossEntropy"] }),
};

for (const [who, device] of Object.entries(DEVICES)) {
  Deno.test(`softmax() equals TensorFlow.js at every temperature, for rows of any length (${who} a row)`, async () => {
    const graph = new Graph();
    const cases = [[1, 1], [5, 37], [3, 64], [2, 3, 1100]].flatMap((shape) =>
      [0.5, 1, 10].map((temperature) => {
        const x = constant(graph, `${shape.join(" x ")} at ${temperature}`, shape, 5);
        return { x, temperature, y: softmax(x, temperature) };
      })
    );
    const values = await compute(device, graph, cases.map(({ y }) => y));
    cases.forEach(({ x, temperature }, i) => {
      assertClose(values[i]!, tf.softmax(toTf(x).div(temperature)).dataSync(), x.name, 2e-6);
    });
  });

  Deno.test(`softmax() is finite where exponentials are not (${who} a row)`, async () => {
    const graph = new Graph();
    const x = graph.constant("large", [1, 3], Float32Array.of(3000, 2999, -3000));
    const [y] = await compute(device, graph, [softmax(x)]);
    assertClose(y!, [1 / (1 + Math.exp(-1)), 1 / (1 + Math.E), 0], "large", 1e-6);
  });
}

Deno.test("softmax() refuses a temperature that is not above 0", () => {
  const x = new Graph().input("x", [2, 3]);
  assertThrows(() => softmax(x, 0), RangeError, "'temperature' must be above 0, found 0");
});
