import { assert, assertEquals, assertRejects } from "@std/assert";
import { type DeviceKind, openDevice } from "../../lib/devices/mod.ts";
import { DeviceError } from "../../lib/devices/errors.ts";
import type { TiledOp } from "../../lib/ops/dispatch.ts";

Deno.test("a device says what it is and why it was chosen", async () => {
  using device = await openDevice();
  const adapter = (await navigator.gpu.requestAdapter())!;
  assertEquals(device.kind, "webgpu");
  assertEquals(device.software, adapter.info.isFallbackAdapter);
  assert(device.name.length > 0);
  assertEquals(device.reason.includes("software"), device.software);
});

Deno.test("a kind of device that does not exist is refused with those that do", async () => {
  await assertRejects(
    () => openDevice("cuda" as DeviceKind),
    RangeError,
    "Cannot open device: 'kind' must be one of auto, webgpu, found 'cuda'",
  );
});

Deno.test("a switch for kernels that do not exist is refused with those that do", async () => {
  await assertRejects(
    () => openDevice("webgpu", { tiled: ["sum", "matmull" as TiledOp] }),
    RangeError,
    "Cannot open device: 'tiled' must be 'auto' or a list of matmul, attention, layerNorm, crossEntropy, sum, " +
      "found 'matmull'; leave it out to follow the adapter",
  );
});

Deno.test("where there is no adapter, the error says how to get one", async () => {
  const prototype = GPU.prototype as { requestAdapter: GPU["requestAdapter"] };
  const { requestAdapter } = prototype;
  prototype.requestAdapter = () => Promise.resolve(null);
  try {
    await assertRejects(() => openDevice("webgpu"), DeviceError, "found none; run `deno task setup`");
  } finally {
    prototype.requestAdapter = requestAdapter;
  }
});
