import { assert, assertEquals, assertRejects } from "@std/assert";
import { describeDevice, type DeviceKind, openDevice } from "../../lib/devices/mod.ts";
import { DeviceError } from "../../lib/devices/errors.ts";
import type { TiledOp } from "../../lib/ops/dispatch.ts";
import { offer, posing } from "./offer.ts";

Deno.test("an adapter without timestamps is refused for a profile before it is asked for a device", async () => {
  let requested = 0;
  using _offered = offer((adapter) =>
    new Proxy(adapter, {
      get(adapter, name) {
        if (name === "features") return new Set<string>();
        if (name === "requestDevice") requested++;
        const value = Reflect.get(adapter, name, adapter);
        return typeof value === "function" ? value.bind(adapter) : value;
      },
    })
  );
  const message = "Cannot profile: the adapter must have the feature 'timestamp-query', found none";
  await assertRejects(() => openDevice("webgpu", { profile: true }), DeviceError, message);
  assertEquals(requested, 0);
  using _device = await openDevice("webgpu");
  assert(requested > 0);
});

Deno.test("a hardware adapter is taken before the processor", async () => {
  using _offered = offer((adapter) => posing(adapter, false));
  using device = await openDevice("auto");
  assertEquals([device.kind, device.software], ["webgpu", false]);
  assertEquals(device.reason, "a hardware WebGPU adapter was found");
  assertEquals(describeDevice(device), `WebGPU, ${device.name} (hardware)`);
});

Deno.test("the processor is taken before a software adapter", async () => {
  using _offered = offer((adapter) => posing(adapter, true));
  using device = await openDevice(undefined, { threads: 2 });
  assertEquals([device.kind, device.software], ["cpu", true]);
  assertEquals(device.reason, "the only WebGPU adapter found is a software one");
  assertEquals(describeDevice(device), "CPU, WebAssembly relaxed SIMD, 2 threads");
});

Deno.test("the processor is taken where there is no adapter at all", async () => {
  using _offered = offer(() => null);
  using device = await openDevice("auto", { threads: 1 });
  assertEquals(device.reason, "no WebGPU adapter was found");
  assertEquals(describeDevice(device), "CPU, WebAssembly relaxed SIMD, 1 thread");
});

Deno.test("a device that was asked for is opened, whatever else there is", async () => {
  const adapter = (await navigator.gpu.requestAdapter())!;
  for (const kind of ["webgpu", "cpu"] as const) {
    using device = await openDevice(kind);
    assertEquals([device.kind, device.reason], [kind, "it was asked for"]);
    assertEquals(device.software, kind === "cpu" || adapter.info.isFallbackAdapter);
    assert(device.name.length > 0);
  }
});

Deno.test("a kind of device that does not exist is refused with those that do", async () => {
  await assertRejects(
    () => openDevice("cuda" as DeviceKind),
    RangeError,
    "Cannot open device: 'kind' must be one of auto, webgpu, cpu, found 'cuda'",
  );
});

Deno.test("a switch for kernels that do not exist is refused with those that do", async () => {
  await assertRejects(
    () => openDevice("webgpu", { tiled: ["sum", "matmull" as TiledOp] }),
    RangeError,
    "Cannot open device: 'tiled' must be 'auto' or a list of matmul, attention, layerNorm, crossEntropy, sum, columnSum, " +
      "topEntries, found 'matmull'; leave it out to follow the adapter",
  );
});

Deno.test("a limit of memory that is no number of bytes is refused by each device, and not taken for none", async () => {
  for (const kind of ["webgpu", "cpu"] as const) {
    for (const bytes of [NaN, -1, 0]) {
      for (const name of kind === "cpu" ? ["memoryBytes"] : ["memoryBytes", "maxBindingBytes"]) {
        await assertRejects(
          () => openDevice(kind, { [name]: bytes, threads: 1 }),
          RangeError,
          `Cannot open device: '${name}' must be bytes above 0, found ${bytes}; leave it out for no limit of your own`,
        );
      }
    }
  }
});

Deno.test("where there is no adapter, the error says how to get one", async () => {
  using _offered = offer(() => null);
  await assertRejects(() => openDevice("webgpu"), DeviceError, "found none; run `deno task setup`");
});
