/**
 * A small graph on a CPU device. As a script, opens a device in the way that its argument names, prints the product's
 * bits, and ends.
 */
import { CPUDevice, type CPUOptions } from "../../../lib/devices/cpu/device.ts";
import { Graph } from "../../../lib/graph/graph.ts";
import { add } from "../../../lib/ops/add/mod.ts";
import { matmul } from "../../../lib/ops/matmul/mod.ts";
import { compute, constant } from "../../ops/harness.ts";

/** Computes a product of matrices with edges in all directions, and a sum of more values than one unit has. */
export async function smallProduct(device: CPUDevice): Promise<string> {
  const graph = new Graph();
  const [a, b] = [constant(graph, "a", [100, 70]), constant(graph, "b", [70, 50])];
  const [x, y] = [constant(graph, "x", [70_001]), constant(graph, "y", [70_001])];
  const values = await compute(device, graph, [add(matmul(a, b), constant(graph, "c", [100, 50])), add(x, y, 0.3)]);
  const digests = await Promise.all(values.map((value) => crypto.subtle.digest("SHA-256", value)));
  return digests.map((digest) => new Uint8Array(digest).toHex()).join(" ");
}

/** Options of `CPUDevice.open`, and what to do at the end. */
const WAYS: Record<string, [CPUOptions, end: (device: CPUDevice) => void]> = {
  wide: [{ threads: 2, wide: true }, (device) => device[Symbol.dispose]()],
  disposes: [{ threads: 2 }, (device) => device[Symbol.dispose]()],
  forgets: [{ threads: 2 }, () => {}],
  fails: [{ threads: 2 }, () => {
    throw new Error("not caught");
  }],
};

if (import.meta.main) {
  const [options, end] = WAYS[Deno.args[0]!]!;
  const device = await CPUDevice.open(options);
  console.log(await smallProduct(device));
  end(device);
}
