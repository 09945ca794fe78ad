/**
 * A small graph on a CPU device. As a script, does with a device what its argument says, and ends.
 */
import { CPUDevice, type CPUOptions } from "../../../lib/devices/cpu/device.ts";
import { Graph } from "../../../lib/graph/graph.ts";
import { add } from "../../../lib/ops/add/mod.ts";
import { matmul } from "../../../lib/ops/matmul/mod.ts";
import { constant, run } from "../../ops/harness.ts";

/** Computes a product of matrices with edges in all directions, and a sum of more values than one unit has. */
export async function smallProduct(device: CPUDevice): Promise<string> {
  const graph = new Graph();
  const [a, b] = [constant(graph, "a", [100, 70]), constant(graph, "b", [70, 50])];
  const [x, y] = [constant(graph, "x", [70_001]), constant(graph, "y", [70_001])];
  const values = await run(device, graph, [add(matmul(a, b), constant(graph, "c", [100, 50])), add(x, y, 0.3)]);
  const digests = await Promise.all(values.map((value) => crypto.subtle.digest("SHA-256", value)));
  return digests.map((digest) => new Uint8Array(digest).toHex()).join(" ");
}

const print = async (device: CPUDevice) => console.log(await smallProduct(device));

/** What a process does with its device. */
const WAYS: Record<string, [CPUOptions, work: (device: CPUDevice) => void | Promise<void>]> = {
  "opens and disposes": [{ threads: 2 }, (device) => device[Symbol.dispose]()],
  "opens and forgets": [{ threads: 2 }, () => {}],
  "computes and disposes": [{ threads: 2 }, (device) => print(device).then(() => device[Symbol.dispose]())],
  "computes and forgets": [{ threads: 2 }, print],
  "computes and fails": [{ threads: 2 }, (device) => print(device).then(() => Promise.reject(new Error("not caught")))],
  "computes with eight lanes": [{ threads: 2, wide: true }, print],
};

if (import.meta.main) {
  const [options, work] = WAYS[Deno.args[0]!]!;
  await work(await CPUDevice.open(options));
}
