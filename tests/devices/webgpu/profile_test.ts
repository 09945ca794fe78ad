import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { WebGPUDevice } from "../../../lib/devices/webgpu/device.ts";
import { plan } from "../../../lib/graph/plan.ts";
import { normals } from "../../ops/harness.ts";
import { smallInputs, smallStep } from "./small_step.ts";

Deno.test("a profile counts every launch of every kernel, slowest first, and changes no result", async () => {
  const run = async (profile: boolean) => {
    using device = await WebGPUDevice.open({ profile });
    const { graph, persistent } = smallStep();
    using store = await device.createStore(persistent);
    store.write("parameters", normals("parameters", 2176, 0.1));
    using program = await device.compile(plan(graph), [store]);
    for (let i = 0; i < 3; i++) program.run(smallInputs(i));
    return {
      launches: program.launches,
      parameters: await store.read("parameters"),
      rows: await device.profiler?.collect(),
      again: await device.profiler?.collect(),
    };
  };
  const { launches, parameters, rows, again } = await run(true);
  assertEquals(rows!.reduce((sum, { calls }) => sum + calls, 0), 3 * launches);
  assert(rows!.every(({ milliseconds }) => milliseconds > 0));
  assertEquals(
    rows!.map(({ milliseconds }) => milliseconds),
    rows!.map((row) => row.milliseconds).sort((a, b) => b - a),
  );
  assertEquals(rows!.find(({ kernel }) => kernel === "adamw")?.calls, 3);
  assertEquals(again, []);
  assertEquals((await run(false)).parameters, parameters);
});

Deno.test("a profile credits each launch with its own work, however often the program ran", async () => {
  using device = await WebGPUDevice.open({ profile: true });
  const { graph, persistent } = smallStep();
  using store = await device.createStore(persistent);
  using program = await device.compile(plan(graph), [store]);
  for (let i = 0; i < 3; i++) program.run(smallInputs(i));
  const profile = await device.profiler!.collect();
  const worked = (kernel: string) => {
    const { gflops, milliseconds } = profile.find((row) => row.kernel === kernel)!;
    return gflops * milliseconds * 1e6;
  };
  const update = graph.nodes.find(({ op }) => op.name === "adamw")!;
  assertAlmostEquals(worked("adamw"), 3 * update.op.cost(update).flops, 1);
  // The losses' sum is the last part of the cross-entropy, whose products are the work of other launches.
  const loss = graph.nodes.find(({ op }) => op.name === "linearCrossEntropy")!;
  assert(worked("sum") < 0.1 * loss.op.cost(loss).flops);
});
