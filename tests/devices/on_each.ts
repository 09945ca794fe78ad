import type { Device } from "../../lib/devices/device.ts";
import { openDevice } from "../../lib/devices/mod.ts";

const devices = [await openDevice("webgpu"), await openDevice("cpu", { threads: 2 })];

/** Declares a test of what all devices promise, once for each of them. */
export function onEach(name: string, test: (device: Device) => void | Promise<void>): void {
  for (const device of devices) Deno.test(`${device.kind}: ${name}`, () => test(device));
}
