import type { Device } from "../lib/devices/device.ts";
import { measurePeak } from "../lib/devices/peak.ts";
import { formatProfile } from "../lib/report/profile_table.ts";

/** Prints what each kernel took, and how near it came to what the device can do, measured now. */
export async function printProfile(device: Device): Promise<void> {
  if (!device.profiler) return;
  const profile = await device.profiler.collect();
  console.log(formatProfile(profile, await measurePeak(device)));
}
