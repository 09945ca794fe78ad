/**
 * The way to a device.
 *
 * @module
 */

import type { Device } from "./device.ts";
import type { WebGPUOptions } from "./webgpu/adapter.ts";
import { WebGPUDevice } from "./webgpu/device.ts";

/** Names that `openDevice` takes. */
export const DEVICE_KINDS = ["auto", "webgpu"] as const;

/** The kind of device to open; `auto` takes the best one that there is. */
export type DeviceKind = typeof DEVICE_KINDS[number];

/**
 * Opens a device to train on. Dispose of it (`using device = await openDevice("auto")`) to free what it holds.
 *
 * @param kind `auto` and `webgpu` open Deno's WebGPU adapter, hardware or software; the device's `name`, `software` and
 *   `reason` say which one was found and why.
 * @throws {RangeError} If the kind is unknown, or `tiled` names an op that has no such kernels.
 * @throws {DeviceError} If there is no adapter.
 */
export async function openDevice(kind: DeviceKind = "auto", options: WebGPUOptions = {}): Promise<Device> {
  if (!DEVICE_KINDS.includes(kind)) {
    throw new RangeError(`Cannot open device: 'kind' must be one of ${DEVICE_KINDS.join(", ")}, found '${kind}'`);
  }
  return await WebGPUDevice.open(options);
}
