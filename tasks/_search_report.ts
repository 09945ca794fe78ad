import { countParameters } from "../lib/model/parameters.ts";
import type { Model } from "../lib/model/model.ts";
import type { SubNetworkRow } from "../lib/search/sub_network_row.ts";
import type { Comparison, SubNetworkSearch } from "../lib/search/sub_network_search.ts";
import { formatCount, formatPercent } from "../lib/units.ts";

/** Says what was decided, a line each. */
export function explainSearch({ config, space, bin, bound, levels, starts }: SubNetworkSearch): string[] {
  const { method, population, evaluations, generations, flops, seed, fixed } = config;
  const members = space.count();
  const limits = [
    `${formatCount(evaluations)} evaluations`,
    ...(generations === undefined ? [] : [`${formatCount(generations)} generations`]),
    ...(flops === undefined ? [] : [`${flops.toExponential(2)} FLOPs`]),
  ];
  const kinds = [...new Set(starts.map(({ kind }) => kind))];
  const begun = kinds.map((kind) => `${starts.filter((start) => start.kind === kind).length} ${kind}`);
  return [
    `space ${space.name}: ${members === undefined ? "more than 2^53" : formatCount(members)} sub-networks, ` +
    `kept whole: ${fixed}`,
    `bin: ${formatCount(bin.least)} to ${formatCount(bin.most)} ` +
    (bound === "parameters" ? "parameters" : "forward FLOPs a token"),
    `method ${method}, ${population} a generation, at most ${limits.join(" or ")}, seed ${seed}; judged on ` +
    `${levels.map(formatCount).join(", then ")} tokens of the train split`,
    `first candidates: ${[...begun, "the rest drawn"].join(", ")}`,
  ];
}

interface Column {
  readonly title: string;
  readonly text: (row: SubNetworkRow, best: SubNetworkRow, perSecond: number) => string;
}

const columns: readonly Column[] = [
  { title: "evaluations", text: ({ evaluation }) => String(evaluation) },
  { title: "generation", text: ({ generation }) => String(generation) },
  { title: "level", text: ({ level }) => String(level) },
  { title: "best loss", text: (_, { fitness }) => fitness.toFixed(4) },
  { title: "parameters", text: (_, { parameters }) => String(parameters) },
  { title: "candidates/s", text: (_row, _best, perSecond) => perSecond.toFixed(2) },
];

/** Returns the titles of what {@linkcode generationRow} writes. */
export function generationTitles(): string {
  return columns.map(({ title }) => title.padStart(title.length + 2)).join("");
}

/**
 * Writes a generation in columns.
 *
 * @param last Its last row.
 * @param best The best row so far.
 */
export function generationRow(last: SubNetworkRow, best: SubNetworkRow, perSecond: number): string {
  return columns.map(({ title, text }) => text(last, best, perSecond).padStart(title.length + 2)).join("");
}

/** Says what was found and what it cost, a line each. */
export function summarise(
  { result, preparation }: SubNetworkSearch,
  best: SubNetworkRow,
  { teacher, starts, flops }: Comparison,
  { config }: Model,
): string[] {
  const all = countParameters(config);
  const others = [["teacher", teacher], ...starts].map(([name, loss]) => `${name} ${(loss as number).toFixed(4)}`);
  const { evaluated, cached, rejected, duplicates, ended } = result;
  return [
    `best: ${best.fitness.toFixed(4)} nats a token with ${formatCount(best.parameters)} parameters ` +
    `(${formatPercent(best.parameters / all)}); on the same tokens: ${others.join(", ")}`,
    `ended by ${ended}: ${formatCount(evaluated)} evaluated, ${formatCount(cached)} cached, ` +
    `${formatCount(duplicates)} drawn twice, ${formatCount(rejected)} rejected`,
    `FLOPs: ${result.flops.toExponential(2)} for candidates, ${preparation.toExponential(2)} for importance, ` +
    `${flops.toExponential(2)} for the comparison`,
  ];
}
