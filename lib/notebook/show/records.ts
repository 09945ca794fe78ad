/**
 * Rows of a kind that has no view of its own, as those of a loop that was written in a notebook.
 *
 * @module
 */

import { cardOf } from "../../report/card.ts";
import { formatCount } from "../../units.ts";
import { show } from "../../unknown.ts";
import { areRows, type View } from "./view.ts";

/** The fields of the last row. */
export const recordsView: View<readonly Readonly<Record<string, unknown>>[]> = {
  accepts: (value) => areRows(value, []),
  draw: (rows, { title = "Rows" }) =>
    cardOf({
      title: `${title}: the last of ${formatCount(rows.length)}`,
      lines: Object.entries(rows.at(-1)!).map(([name, value]) => [name, show(value)]),
    }),
};
