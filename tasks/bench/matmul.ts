import type { Device } from "../../lib/devices/device.ts";
import { timeRun } from "../../lib/devices/timing.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { plan } from "../../lib/graph/plan.ts";
import { matmul } from "../../lib/ops/matmul/mod.ts";
import { Random } from "../../lib/random.ts";

/** Measures the product of two square matrices, the second transposed as in a linear layer, in GFLOP/s. */
export async function benchMatmul(device: Device, size: number): Promise<number> {
  const graph = new Graph();
  const [a, b] = ["a", "b"].map((name) => graph.input(name, [size, size]));
  graph.output(matmul(a!, b!, { form: "NT" }));
  using program = await device.compile(plan(graph));
  const values = new Float32Array(size * size);
  new Random(1, "bench matrix").fillNormal(values, 1);
  program.run({ a: values, b: values });
  return 2 * size ** 3 / (await timeRun(device, program) * 1e6);
}
