import { assertEquals } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { axpy } from "../../lib/ops/add/mod.ts";
import { zeros } from "../../lib/ops/zeros/mod.ts";
import { compute, constant } from "./harness.ts";

const device = await openDevice("webgpu");

Deno.test("zeros() are zeros in every run, whatever the last one left there", async () => {
  const graph = new Graph();
  const x = constant(graph, "x", [129, 66]);
  const sum = axpy(zeros(graph, [129, 66]), x);
  const [values] = await compute(device, graph, [sum], { runs: 3 });
  assertEquals(values, graph.constants.get(x) as Float32Array<ArrayBuffer>);
});
