/**
 * Devices and adapters.
 *
 * @module
 */

import type { Device } from "../../devices/device.ts";
import { describeDevice } from "../../devices/mod.ts";
import { describeAdapter } from "../../devices/webgpu/describe.ts";
import { cardOf } from "../../report/card.ts";
import { formatBytes, formatCount } from "../../units.ts";
import { has, type View } from "./view.ts";

/** What a device is, why it was chosen, and what it has done so far. */
export const deviceView: View<Device> = {
  accepts: (value) => has(value, ["kind", "reason", "counters", "createStore"]),
  draw: (device, { title = "Device" }) => {
    const { bytes, submits, waits, pipelines } = device.counters;
    return cardOf({
      title,
      lines: [
        ["is", describeDevice(device)],
        ["because", device.reason],
        ["memory", `${formatBytes(bytes)} allocated, a launch sees ${formatBytes(device.maxBindingBytes)} of a tensor`],
        [
          "so far",
          `${formatCount(submits)} submissions, ${formatCount(waits)} waits, ${formatCount(pipelines)} kernels`,
        ],
        ["profile", device.profiler ? "times launches" : "off"],
      ],
    });
  },
};

/** What an adapter is, and what limits models and kernels. */
export const adapterView: View<GPUAdapter> = {
  accepts: (value) => typeof GPUAdapter !== "undefined" && value instanceof GPUAdapter,
  draw: (adapter, { title = "Adapter" }) => {
    const { name, kind, limits } = describeAdapter(adapter);
    return cardOf({
      title,
      lines: [
        ["is", `${name}, ${kind}`],
        ...Object.entries(limits).map(([limit, value]) =>
          [limit, /Size$/.test(limit) ? formatBytes(value) : formatCount(value)] as const
        ),
      ],
    });
  },
};
