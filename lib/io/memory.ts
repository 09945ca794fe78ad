/**
 * The machine's memory.
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

/**
 * Makes the option of a device that turns a kill by the system into an error: software adapters take the machine's
 * memory.
 */
export function memoryOptions(): { memoryBytes?: number } {
  const memoryBytes = availableMemory();
  return memoryBytes === undefined ? {} : { memoryBytes };
}
