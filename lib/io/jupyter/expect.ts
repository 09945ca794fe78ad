/**
 * Declares results from a cell.
 *
 * @module
 */

import { declared, describeResult, RESULT_TYPE } from "../../notebook/result.ts";
import { kernel } from "./kernel_side.ts";

/**
 * Declares a result that a notebook stands for: `deno task notebook:run` writes it into the notebook, and `deno task
 * notebook:check` says whether a repetition finds it again.
 *
 * In a cell it is shown, elsewhere printed. Results of quick and of full runs are kept apart.
 *
 * @param name What it is called; a notebook declares a name once.
 * @param value A finite number, or text such as a hash.
 * @param tolerance How far the number of another run may be away, in the unit of the value. @default {0}, the same bits
 * @throws {RangeError} If the name is empty, the number not finite, the tolerance negative or one of a text.
 */
export function expect(name: string, value: number | string, tolerance = 0): void {
  const result = declared(name, value, tolerance);
  const text = describeResult(result);
  const jupyter = kernel();
  if (!jupyter) return console.log(text);
  // Not awaited, as cells are plain code: messages leave the kernel in their order.
  jupyter.broadcast("display_data", {
    data: { [RESULT_TYPE]: result, "text/plain": text },
    metadata: {},
    transient: {},
  });
}
