/**
 * A place in the output of the cell that runs.
 *
 * @module
 */

import type { Screen } from "../../notebook/live/screen.ts";
import type { MimeBundle } from "../../report/display.ts";
import { kernel } from "./kernel_side.ts";

/**
 * Opens a place in the output of the cell that runs; later pictures replace the first one there, whatever cell runs
 * then.
 *
 * @param jupyter The kernel's side. @default {this process, if it is a kernel}
 * @returns Nothing outside of a kernel.
 */
export function cellScreen(jupyter: Pick<typeof Deno.jupyter, "broadcast"> | undefined = kernel()): Screen | undefined {
  if (!jupyter) return undefined;
  const display_id = crypto.randomUUID();
  let shown = false;
  return {
    show(data: MimeBundle): void {
      // Not awaited, so that what is watched goes on: messages leave the kernel in their order.
      jupyter.broadcast(shown ? "update_display_data" : "display_data", {
        data,
        metadata: {},
        transient: { display_id },
      });
      shown = true;
    },
  };
}
