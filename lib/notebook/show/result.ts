/**
 * What a run reached.
 *
 * @module
 */

import { describeResult, type Result } from "../../pipeline/result.ts";
import { cardOf } from "../../report/card.ts";
import { has, type View } from "./view.ts";

/** Losses of student, teacher and baselines, and the cost. */
export const resultView: View<Result> = {
  accepts: (value) => has(value, ["student", "baselines", "costs", "heldOut"]),
  draw: (result, { title = "Result" }) =>
    cardOf({
      title,
      lines: describeResult(result).map((line) => {
        const [name, ...rest] = line.split(": ");
        return rest.length > 0 ? [name!, rest.join(": ")] : ["", line];
      }),
    }),
};
