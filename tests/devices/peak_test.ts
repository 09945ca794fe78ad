import { assert } from "@std/assert";
import { WebGPUDevice } from "../../lib/devices/webgpu/device.ts";
import { measurePeak } from "../../lib/devices/peak.ts";

for (const profile of [true, false]) {
  const clock = profile ? "timestamps" : "the host's clock";
  Deno.test(`the peak by ${clock} is above what one slow core reaches, and frees what it allocates`, async () => {
    using device = await WebGPUDevice.open({ profile });
    const { gflops, gigabytesPerSecond } = await measurePeak(device);
    assert(gflops > 0.5 && gflops < 1e6, `${gflops} GFLOP/s`);
    assert(gigabytesPerSecond > 0.1 && gigabytesPerSecond < 1e5, `${gigabytesPerSecond} GB/s`);
    assert(device.counters.bytes < 1024, `${device.counters.bytes} bytes are left`);
  });
}
