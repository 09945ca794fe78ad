import { assert, assertEquals } from "@std/assert";
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
