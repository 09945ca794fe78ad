/**
 * What an adapter is, in a plain record: for `doctor`, for the log of a run and for the results of a bench.
 *
 * @module
 */

/** The limits that decide which models and kernels fit an adapter. */
const describedLimits = [
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxStorageBuffersPerShaderStage",
  "minStorageBufferOffsetAlignment",
] as const;

/** The features that choose kernels, or that `--profile` needs. */
export const describedFeatures = ["timestamp-query", "shader-f16", "subgroups"] as const;

/** An adapter's name, kind and limits. */
export interface AdapterDescription {
  /** The name that the driver gives it. */
  readonly name: string;
  /** Whether it computes on a GPU or on the CPU. */
  readonly kind: "hardware" | "software";
  /** The limits, in bytes where the WebGPU standard says so. */
  readonly limits: Readonly<Record<typeof describedLimits[number], number>>;
}

/** Names an adapter in its driver's words, as far as there are any. */
export function adapterName({ description, vendor, architecture }: GPUAdapterInfo): string {
  return description || [vendor, architecture].filter(Boolean).join(" ") || "unnamed adapter";
}

/** Describes an adapter. */
export function describeAdapter({ info, limits }: GPUAdapter): AdapterDescription {
  return {
    name: adapterName(info),
    kind: info.isFallbackAdapter ? "software" : "hardware",
    limits: Object.fromEntries(describedLimits.map((name) => [name, limits[name]])) as AdapterDescription["limits"],
  };
}

/**
 * Lists the described features that a device of the adapter is granted.
 *
 * Each is asked for in a device of its own unless the adapter lists it: Deno grants `subgroups` without listing it.
 */
export async function grantedFeatures(adapter: GPUAdapter): Promise<GPUFeatureName[]> {
  const granted = await Promise.all(
    describedFeatures.map((name) => adapter.features.has(name) || grants(adapter, name)),
  );
  return describedFeatures.filter((_, index) => granted[index]);
}

async function grants(adapter: GPUAdapter, feature: GPUFeatureName): Promise<boolean> {
  try {
    (await adapter.requestDevice({ requiredFeatures: [feature] })).destroy();
    return true;
  } catch {
    return false;
  }
}
