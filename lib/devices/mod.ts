/**
 * The way to a device.
 *
 * @module
 */

import { CPUDevice, type CPUOptions } from "./cpu/device.ts";
import type { Device } from "./device.ts";
import type { WebGPUOptions } from "./webgpu/adapter.ts";
import { WebGPUDevice } from "./webgpu/device.ts";
import { counted } from "../units.ts";

/** Names that `openDevice` takes. */
export const DEVICE_KINDS = ["auto", "webgpu", "cpu"] as const;

/** The kind of device to open; `auto` takes the best one that there is. */
export type DeviceKind = typeof DEVICE_KINDS[number];

/** Options of either device; each takes its own. */
export interface DeviceOptions extends Omit<CPUOptions, "reason">, Omit<WebGPUOptions, "reason"> {}

/**
 * Opens a device to train on. Dispose of it (`using device = await openDevice("auto")`) to free what it holds.
 *
 * @param kind `webgpu` opens Deno's WebGPU adapter, hardware or software; `cpu` our WebAssembly kernels on all cores;
 *   `auto` takes a hardware adapter where there is one, else the CPU. The device's `name` and `reason` say which one it
 *   is and why.
 * @throws {RangeError} If the kind is unknown, `threads` is no whole number from 0 to 1024, a limit of bytes is not above
 *   0, or `tiled` names an op that has no such kernels.
 * @throws {DeviceError} If there is no adapter.
 */
export async function openDevice(kind: DeviceKind = "auto", options: DeviceOptions = {}): Promise<Device> {
  if (!DEVICE_KINDS.includes(kind)) {
    throw new RangeError(`Cannot open device: 'kind' must be one of ${DEVICE_KINDS.join(", ")}, found '${kind}'`);
  }
  const choice = kind === "auto" ? await choose() : { kind };
  return await (choice.kind === "cpu" ? CPUDevice : WebGPUDevice).open({ ...options, ...choice });
}

/** Software adapters run on the processor too, and slower than our own kernels for it. */
async function choose(): Promise<{ kind: "webgpu" | "cpu"; reason: string }> {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return { kind: "cpu", reason: "no WebGPU adapter was found" };
  return adapter.info.isFallbackAdapter
    ? { kind: "cpu", reason: "the only WebGPU adapter found is a software one" }
    : { kind: "webgpu", reason: "a hardware WebGPU adapter was found" };
}

/** Says in a few words what a device is: `CPU, WebAssembly relaxed SIMD, 2 threads`. */
export function describeDevice(device: Device): string {
  const { name, software } = device;
  if (device instanceof CPUDevice) {
    return `CPU, ${name}, ${counted(device.threads, "thread")}`;
  }
  return `WebGPU, ${name} (${software ? "software" : "hardware"})`;
}
