/**
 * What of a teacher a sub-network keeps.
 *
 * @module
 */

import { cardOf } from "../../report/card.ts";
import { countSubNetworkParameters } from "../../subnet/counts.ts";
import { describeSubNetwork } from "../../subnet/describe.ts";
import type { SubNetwork } from "../../subnet/sub_network.ts";
import { countParameters } from "../../model/parameters.ts";
import { formatCount, formatPercent } from "../../units.ts";
import { has, type View } from "./view.ts";

/** Its sizes, layer by layer. */
export const subNetworkView: View<SubNetwork> = {
  accepts: (value) => has(value, ["layers", "width", "blocks"]),
  draw: (subNetwork, { title = "Sub-network", teacher }) => {
    const { layers, width, blocks } = subNetwork;
    const parameters = teacher && countSubNetworkParameters(subNetwork, teacher);
    const { text: _, ...card } = cardOf({
      title,
      lines: [
        ...(parameters === undefined ? [] : [
          [
            "parameters",
            `${formatCount(parameters)}, ${formatPercent(parameters / countParameters(teacher!))} of the teacher's`,
          ] as const,
        ]),
        ["width", formatCount(width.length)],
        ...blocks.map(({ groups, headsInGroup, headDims, mlp }, i) =>
          [
            `layer ${layers[i]}`,
            `${groups.length * headsInGroup.length} heads of ${headDims.length} dimensions, ${mlp.length} neurons`,
          ] as const
        ),
      ],
    });
    const size = parameters === undefined ? "" : `; ${formatCount(parameters)} parameters`;
    return { ...card, text: `sub-network: ${describeSubNetwork(subNetwork)}${size}` };
  },
};
