/**
 * The rows of a logit store that is written.
 *
 * @module
 */

import type { TeachRow } from "../../distill/teach.ts";
import { cardOf } from "../../report/card.ts";
import { formatBytes, formatCount, formatPercent } from "../../units.ts";
import { areRows, type View } from "./view.ts";

/** How far the store is. */
export const teachingView: View<readonly TeachRow[]> = {
  accepts: (value) => areRows(value, ["windows", "of", "bytes_per_token"]),
  draw: (rows, { title = "Logit store" }) => {
    const { windows, of, tokens, bytes, bytes_per_token, flops, tokens_per_s } = rows.at(-1)!;
    return cardOf({
      title,
      lines: [
        ["windows", `${formatCount(windows)} of ${formatCount(of)} (${formatPercent(windows / of)})`],
        ["tokens", `${formatCount(tokens)}, ${formatCount(Math.round(tokens_per_s))} a second`],
        ["size", `${formatBytes(bytes)}, ${bytes_per_token.toFixed(1)} bytes a token`],
        ["teacher", `${flops.toExponential(2)} FLOPs`],
      ],
    });
  },
};
