/** Bytes of memory that new allocations can take without swapping, where the runtime tells; else undefined. */
export function availableMemory(): number | undefined {
  try {
    return Deno.systemMemoryInfo().available;
  } catch {
    return undefined;
  }
}
