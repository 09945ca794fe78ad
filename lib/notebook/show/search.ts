/**
 * The rows of a search.
 *
 * @module
 */

import { paretoChart } from "../../report/pareto_chart.ts";
import { searchChart } from "../../report/search_chart.ts";
import { bestOf, frontOf, highestOf, type SubNetworkRow } from "../../search/sub_network_row.ts";
import { counted, formatCount } from "../../units.ts";
import { areRows, type View } from "./view.ts";

/** All candidates and the best so far against evaluations or, as a front, against parameters. */
export const searchView: View<readonly SubNetworkRow[]> = {
  accepts: (value) => areRows(value, ["evaluation", "generation", "fitness", "genotype", "parameters"]),
  draw: (rows, { title, as, fitness }) => {
    const look = { ...(title !== undefined && { title }), fitness };
    if (as !== "front") return { svg: searchChart(rows, look), text: describeSearch(rows) };
    const front = frontOf(rows);
    return {
      svg: paretoChart(highestOf(rows), front, look),
      text: [
        `Pareto front of ${formatCount(front.length)} among ${formatCount(rows.length)} candidates`,
        ...front.map(({ parameters, fitness }) => `  ${formatCount(parameters)} parameters, ${fitness.toFixed(4)}`),
      ].join("\n"),
    };
  },
};

/** Says in a line where a search is. */
export function describeSearch(rows: readonly SubNetworkRow[]): string {
  const { generation } = rows.at(-1)!, best = bestOf(rows)!;
  return `${counted(rows.length, "evaluation")} in ${counted(generation + 1, "generation")}, best ` +
    `${best.fitness.toFixed(4)} nats a token with ${formatCount(best.parameters)} parameters`;
}
