import { assert, assertEquals } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { measurePeak } from "../../lib/devices/peak.ts";

for (const kind of ["webgpu", "cpu"] as const) {
  for (const profile of [true, false]) {
    const clock = profile ? "its own clock" : "the host's clock";
    Deno.test(`${kind}: the peak by ${clock} is above what one slow core reaches, and frees what it allocates`, async () => {
      using device = await openDevice(kind, { profile });
      const bytes: number[] = [];
      for (let i = 0; i < 2; i++) {
        const { gflops, gigabytesPerSecond } = await measurePeak(device);
        assert(gflops > 0.5 && gflops < 1e6, `${gflops} GFLOP/s`);
        assert(gigabytesPerSecond > 0.1 && gigabytesPerSecond < 1e5, `${gigabytesPerSecond} GB/s`);
        bytes.push(device.counters.bytes);
      }
      assertEquals(bytes[1], bytes[0]);
      assert(bytes[0]! < 2 ** 20, `${bytes[0]} bytes are left`);
    });
  }
}
