/**
 * What of a teacher a sub-network keeps.
 *
 * @module
 */

import { countParameters } from "../../model/parameters.ts";
import { cardOf } from "../../report/card.ts";
import { genotypeChart } from "../../report/genotype_chart.ts";
import { countSubNetworkParameters } from "../../subnet/counts.ts";
import { describeSubNetwork } from "../../subnet/describe.ts";
import { dimensionsOf } from "../../subnet/dimensions.ts";
import type { SubNetwork } from "../../subnet/sub_network.ts";
import { formatCount, formatPercent } from "../../units.ts";
import { has, type View } from "./view.ts";

/** A map of the teacher's layers, heads and neurons; without the teacher a list of sizes. */
export const subNetworkView: View<SubNetwork> = {
  accepts: (value) => has(value, ["layers", "width", "blocks"]) && Array.isArray((value as SubNetwork).layers),
  draw: (subNetwork, { title = "Sub-network", teacher }) => {
    const text = `sub-network: ${describeSubNetwork(subNetwork)}`;
    if (!teacher) return { svg: listOf(subNetwork, title), text };
    const parameters = countSubNetworkParameters(subNetwork, teacher);
    const share = formatPercent(parameters / countParameters(teacher));
    const label = `${formatCount(parameters)} parameters, ${share} of the teacher's`;
    return {
      svg: genotypeChart([{ label, subNetwork }], dimensionsOf(teacher), { title }),
      text: `${text}; ${label}`,
    };
  },
};

function listOf({ layers, width, blocks }: SubNetwork, title: string): string {
  const lines = blocks.map(({ groups, headsInGroup, headDims, mlp }, i) =>
    [
      `layer ${layers[i]}`,
      `${groups.length * headsInGroup.length} heads of ${headDims.length} dimensions, ${mlp.length} neurons`,
    ] as const
  );
  return cardOf({ title, lines: [["width", formatCount(width.length)], ...lines] }).svg;
}
