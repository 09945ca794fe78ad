import { assertEquals } from "@std/assert";
import { WebGPUDevice } from "../../../lib/devices/webgpu/device.ts";
import { lower } from "../../../lib/devices/webgpu/lower.ts";
import { plan } from "../../../lib/graph/plan.ts";
import { smallStep } from "./small_step.ts";

/** The kernels with workgroup memory that a device chooses for a training step. */
async function tiledKernels(options: Parameters<typeof WebGPUDevice.open>[0]): Promise<string[]> {
  using device = await WebGPUDevice.open(options);
  const names = lower(plan(smallStep().graph), device.target).launches.map(({ kernel }) =>
    kernel.name.replace(".scalar", "")
  );
  return [...new Set(names.filter((name) => name.includes("tiled")))].sort();
}

/** The switches that a small training step meets, and the kernels that each chooses. */
const SWITCHES = {
  matmul: ["matmul.tiled"],
  layerNorm: ["layer_norm.tiled", "layer_norm_gradient.tiled"],
  crossEntropy: ["cross_entropy.tiled"],
  sum: ["sum.tiled", "sum_combine.tiled"],
  columnSum: ["column_sum.tiled", "column_sum_combine.tiled"],
};
const names = Object.keys(SWITCHES) as (keyof typeof SWITCHES)[];

for (const name of names) {
  Deno.test(`the switch '${name}' chooses its kernels with barriers and no others`, async () => {
    assertEquals(await tiledKernels({ tiled: [name] }), SWITCHES[name]);
  });
}

Deno.test("kernels with barriers are for hardware, unless the switches say otherwise", async () => {
  using device = await WebGPUDevice.open();
  const all = Object.values(SWITCHES).flat().sort();
  assertEquals(await tiledKernels({ tiled: [] }), []);
  assertEquals(await tiledKernels({ tiled: "auto" }), device.software ? [] : all);
  assertEquals(await tiledKernels({ tiled: names }), all);
});
