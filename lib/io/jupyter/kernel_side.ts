/**
 * The kernel, seen from its own cells.
 *
 * @module
 */

/** Returns what the kernel offers to cells, or nothing where this process is no kernel. */
export function kernel(): typeof Deno.jupyter | undefined {
  try {
    return Deno.jupyter;
  } catch {
    // Outside of a kernel even to look at it throws.
    return undefined;
  }
}
