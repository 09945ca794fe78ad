/**
 * What this machine and this process offer to a device.
 *
 * @module
 */

/**
 * Returns the bytes of memory that new allocations can take without swapping, where the runtime tells; else undefined.
 */
export function availableMemory(): number | undefined {
  try {
    return Deno.systemMemoryInfo().available;
  } catch {
    return undefined;
  }
}

/** What a device may take of this machine, and what this process's engine was started with. */
export interface MachineOptions {
  /** Bytes that a device may take where it takes the machine's: an error in place of a kill by the system. */
  readonly memoryBytes?: number;
  /** Threads of the CPU device, where not all cores are meant. */
  readonly threads?: number;
  /** Whether WebAssembly computes with eight lanes. */
  readonly wide: boolean;
}

/**
 * Returns the options of a device that follow from the machine and from how this process was started.
 *
 * @param threads Threads of the CPU device; 0 for one on each core. @default {0}
 */
export function machineOptions(threads = 0): MachineOptions {
  const memoryBytes = availableMemory();
  return {
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(threads > 0 && { threads }),
    wide: hasFlags(WIDE_FLAGS),
  };
}

/**
 * Flags of V8 with which WebAssembly computes with eight lanes: it then joins pairs of four-lane operations, which it
 * can only between accesses that are not checked. The tasks set them where V8 knows them.
 */
export const WIDE_FLAGS = ["--experimental-wasm-revectorize", "--no-wasm-bounds-checks"];

function hasFlags(flags: readonly string[]): boolean {
  const given = (Deno.env.get("DENO_V8_FLAGS") ?? "").split(",");
  return flags.every((flag) => given.includes(flag));
}
