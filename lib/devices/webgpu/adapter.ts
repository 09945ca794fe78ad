/**
 * From options to an open WebGPU device.
 *
 * @module
 */

import { TILED_OPS, type TiledOp } from "../../ops/dispatch.ts";
import { DeviceError } from "../errors.ts";
import { adapterName } from "./describe.ts";

/** Which kernels and limits to use; the defaults follow the adapter. */
export interface WebGPUOptions {
  /**
   * Ops that use kernels with workgroup memory and barriers. A hardware adapter uses them for all ops, a software
   * adapter, where a barrier costs more than it saves, for none.
   *
   * @default {"auto"}
   */
  readonly tiled?: "auto" | readonly TiledOp[];
  /**
   * Whether kernels with barriers have their loops over constants written out. That is faster on hardware, and takes
   * software adapters long to compile. @default on hardware
   */
  readonly unrolled?: boolean;
  /** Lowers the bytes that one binding may span. @default the adapter's limit */
  readonly maxBindingBytes?: number;
  /** Bytes that all buffers may take on a software adapter, whose memory is the machine's. @default unlimited */
  readonly memoryBytes?: number;
  /** Measures every launch, which costs a pass each. @default {false} */
  readonly profile?: boolean;
  /** Why this device was chosen. @default {"it was asked for"} */
  readonly reason?: string;
  /** Which adapter is meant where there are several. @default {"high-performance"} */
  readonly powerPreference?: GPUPowerPreference;
}

/** The device made from an adapter, and what was agreed on. */
export interface Opened {
  readonly gpu: GPUDevice;
  /** The adapter's own words. */
  readonly name: string;
  /** Whether it computes on the processor. */
  readonly software: boolean;
  /** Lanes that every subgroup has at least; 0 where kernels cannot use subgroups. */
  readonly subgroupSize: number;
}

const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
] as const;

/** Asks for the adapter and for all that it offers, since a device's defaults are the specification's minimum. */
export async function openAdapter(options: WebGPUOptions): Promise<Opened> {
  const { tiled = "auto" } = options;
  const unknown = tiled === "auto" ? undefined : tiled.find((op) => !TILED_OPS.includes(op));
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot open device: 'tiled' must be 'auto' or a list of ${TILED_OPS.join(", ")}, found '${unknown}'; ` +
        "leave it out to follow the adapter",
    );
  }
  const adapter = await navigator.gpu?.requestAdapter({
    powerPreference: options.powerPreference ?? "high-performance",
  });
  if (!adapter) {
    throw new DeviceError(
      "Cannot open device 'webgpu': a WebGPU adapter is needed, found none; run `deno task setup` to install what it " +
        "takes",
    );
  }
  const timestamps = adapter.features.has("timestamp-query");
  if (options.profile && !timestamps) {
    throw new DeviceError("Cannot profile: the adapter must have the feature 'timestamp-query', found none");
  }
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
  const requiredFeatures: GPUFeatureName[] = timestamps ? ["timestamp-query"] : [];
  // Deno grants 'subgroups' without listing it among the adapter's features, so the only way to know is to ask.
  const gpu = await adapter.requestDevice({ requiredFeatures: [...requiredFeatures, "subgroups"], requiredLimits })
    .catch(() => adapter.requestDevice({ requiredFeatures, requiredLimits }));
  return {
    gpu,
    name: adapterName(adapter.info),
    software: adapter.info.isFallbackAdapter,
    subgroupSize: gpu.features.has("subgroups") ? adapter.info.subgroupMinSize : 0,
  };
}
