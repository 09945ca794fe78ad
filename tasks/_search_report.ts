import type { Latency } from "../lib/evaluate/latency.ts";
import { countParameters } from "../lib/model/parameters.ts";
import type { Model } from "../lib/model/model.ts";
import type { Generation } from "../lib/pipeline/take_search.ts";
import { describeBin, describeSize } from "../lib/search/describe.ts";
import { fitnessWords } from "../lib/search/fitness_words.ts";
import type { SubNetworkRow } from "../lib/search/sub_network_row.ts";
import type { Comparison, LatencyComparison, SubNetworkSearch } from "../lib/search/sub_network_search.ts";
import type { TrainingCorrelation } from "../lib/search/training_correlation.ts";
import { counted, formatCount, formatMilliseconds, formatPercent } from "../lib/units.ts";

/** Says what was decided, a line each. */
export function explainSearch(search: SubNetworkSearch): string[] {
  const { config, space, bin, bound, latencyModel: model, levels, starts } = search;
  const { method, population, evaluations, generations, flops, seed, fixed } = config;
  const { phrase, on } = fitnessWords[config.fitness];
  const limits = [
    counted(evaluations, "evaluation"),
    ...(generations === undefined ? [] : [counted(generations, "generation")]),
    ...(flops === undefined ? [] : [`${flops.toExponential(2)} FLOPs`]),
  ];
  const kinds = [...new Set(starts.map(({ kind }) => kind))];
  const begun = kinds.map((kind) => `${starts.filter((start) => start.kind === kind).length} ${kind}`);
  return [
    `space ${space.name}: ${describeSize(space)}, kept whole: ${fixed}`,
    ...(model
      ? [
        `latency model: ${model.members} sub-networks measured on ${model.device}, ${model.batch} x ${model.sequence} ` +
        `tokens a pass; error of held-out ones ${formatPercent(model.meanError)} on average, ` +
        `${formatPercent(model.worstError)} at most`,
      ]
      : []),
    `bin: ${describeBin(bin, bound)}`,
    `method ${method}, ${population} a generation, at most ${limits.join(" or ")}, seed ${seed}; judged by ` +
    `${phrase}${on} ${levels.map(formatCount).join(", then ")} tokens of the train split`,
    `first candidates: ${[...begun, "the rest drawn"].join(", ")}`,
  ];
}

interface Column {
  /** Whether it is there only where rows have latencies. */
  readonly latency?: boolean;
  readonly title: string;
  readonly text: (row: SubNetworkRow, best: SubNetworkRow, perSecond: number) => string;
}

const columns: readonly Column[] = [
  { title: "evaluations", text: ({ evaluation }) => String(evaluation) },
  { title: "generation", text: ({ generation }) => String(generation) },
  { title: "level", text: ({ level }) => String(level) },
  { title: "best fitness", text: (_, { fitness }) => fitness.toFixed(4) },
  { title: "parameters", text: (_, { parameters }) => String(parameters) },
  { title: "latency ms", text: (_, { latency_ms }) => latency_ms!.toPrecision(3), latency: true },
  { title: "candidates/s", text: (_row, _best, perSecond) => perSecond.toFixed(2) },
];

/**
 * Returns the titles of what {@linkcode generationRow} writes.
 *
 * @param row Any of the rows.
 */
export function generationTitles(row: SubNetworkRow): string {
  return columnsFor(row).map(({ title }) => title.padStart(title.length + 2)).join("");
}

/** Says whether fitness ranked candidates as training did. */
export function describeCorrelation(
  { spearman, kendall, candidates, trainingTokens, flops }: TrainingCorrelation,
  { config }: SubNetworkSearch,
): string {
  return `rank correlation of fitness (${config.fitness}) and loss after training on ${formatCount(trainingTokens)} ` +
    `tokens, ${candidates.length} candidates: Spearman ${spearman.toFixed(2)}, Kendall ${kendall.toFixed(2)}; ` +
    `${flops.toExponential(2)} FLOPs`;
}

/** Writes a generation in columns. */
export function generationRow({ last, best, perSecond }: Generation): string {
  return columnsFor(best).map(({ title, text }) => text(last, best, perSecond).padStart(title.length + 2)).join("");
}

function columnsFor({ latency_ms }: SubNetworkRow): Column[] {
  return columns.filter(({ latency }) => !latency || latency_ms !== undefined);
}

/**
 * Says what was found and what it cost, a line each.
 *
 * @param latency What was measured at the end, if the bin is one of latency.
 */
export function summarise(
  { result, preparation, latencyModel }: SubNetworkSearch,
  best: SubNetworkRow,
  { teacher, starts, flops }: Comparison,
  { config }: Model,
  latency?: LatencyComparison,
): string[] {
  const all = countParameters(config);
  const others = [["teacher", teacher], ...starts].map(([name, loss]) => `${name} ${(loss as number).toFixed(4)}`);
  const { evaluated, cached, rejected, duplicates, ended } = result;
  return [
    `best: ${best.fitness.toFixed(4)} nats a token with ${formatCount(best.parameters)} parameters ` +
    `(${formatPercent(best.parameters / all)}); on the same tokens: ${others.join(", ")}`,
    ...(latency ? [describeLatency(latency)] : []),
    `ended by ${ended}: ${formatCount(evaluated)} evaluated, ${formatCount(cached)} cached, ` +
    `${formatCount(duplicates)} drawn twice, ${formatCount(rejected)} rejected`,
    `FLOPs: ${result.flops.toExponential(2)} for candidates, ${preparation.toExponential(2)} to prepare, ` +
    `${flops.toExponential(2)} for the comparison` +
    (latency ? `, ${(latencyModel!.flops + latency.flops).toExponential(2)} for latencies` : ""),
  ];
}

function describeLatency({ predicted, measured, teacher }: LatencyComparison): string {
  const show = ({ minimum, median }: Latency) =>
    `${formatMilliseconds(minimum)} (median ${formatMilliseconds(median)})`;
  return `latency of the best: ${formatMilliseconds(predicted)} predicted, ${
    show(measured)
  } measured; of the teacher: ` +
    `${show(teacher)}`;
}
