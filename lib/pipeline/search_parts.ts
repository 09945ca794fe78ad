/**
 * What reports show of a search, and of sub-networks.
 *
 * @module
 */

import { generationsChart } from "../report/generations_chart.ts";
import { genotypeChart, type MappedSubNetwork, type MappedTeacher } from "../report/genotype_chart.ts";
import type { Part } from "../report/page.ts";
import { paretoChart } from "../report/pareto_chart.ts";
import { searchChart } from "../report/search_chart.ts";
import type { FitnessName } from "../search/sub_network_config.ts";
import { frontOf, highestOf, type SubNetworkRow } from "../search/sub_network_row.ts";

/** What is said of a search beside its rows. */
export interface SearchPartsOptions {
  /** What stands before the headings of several searches on a page. @default {""} */
  readonly name?: string;
  /** What candidates were judged by. @default {not known: axes have their unit alone} */
  readonly fitness?: FitnessName | undefined;
}

/**
 * Draws a search: its candidates, its generations where there are several, and its front; nothing where it has no row.
 */
export function searchParts(rows: readonly SubNetworkRow[], { name = "", fitness }: SearchPartsOptions = {}): Part[] {
  if (rows.length === 0) return [];
  const look = (title: string) => ({ title: name ? `${title}: ${name}` : title, fitness, inline: true });
  const generations = rows.some(({ generation }) => generation > 0);
  return [
    {
      kind: "chart",
      svg: searchChart(rows, look("Search")),
      label: "Fitness of each candidate, and the lowest so far, against evaluations",
    },
    ...(generations
      ? [{
        kind: "chart" as const,
        svg: generationsChart(rows, look("Generations")),
        label: "Lowest fitness, median and spread of each generation",
      }]
      : []),
    {
      kind: "chart",
      svg: paretoChart(highestOf(rows), frontOf(rows), look("Pareto front")),
      label: "Fitness of each candidate against its parameters, with the Pareto front",
    },
  ];
}

/**
 * Draws what sub-networks of one teacher keep.
 *
 * @throws {RangeError} If one keeps a part that the teacher does not have.
 */
export function mapPart(subNetworks: readonly MappedSubNetwork[], teacher: MappedTeacher): Part {
  return {
    kind: "chart",
    svg: genotypeChart(subNetworks, teacher, { inline: true }),
    label: "Layers, heads and neurons of the teacher that are kept",
  };
}
