/**
 * A search for a sub-network that is prepared: its rows, and what its best is compared with.
 *
 * @module
 */

import type { Latency } from "../evaluate/latency.ts";
import type { Model } from "../model/model.ts";
import { type LatencyModel, predictLatency } from "../subnet/latency/model.ts";
import type { SubNetwork } from "../subnet/sub_network.ts";
import type { SubNetworkSpace } from "../subnet/sub_network_space.ts";
import type { Bin } from "./bin.ts";
import type { Judge } from "./judges/judge.ts";
import { flopsOf, measureSubNetworks } from "./latency.ts";
import type { SearchResult } from "./records.ts";
import type { Search } from "./search.ts";
import type { Start, StartKind } from "./starts.ts";
import type { StudentObjective } from "./student_objective.ts";
import type { SubNetworkSearchConfig } from "./sub_network_config.ts";
import { type CostName, rowOf, type SubNetworkRow } from "./sub_network_row.ts";

/** What the best sub-network is to be compared with, on the tokens on which it was judged. */
export interface Comparison {
  /** The teacher's loss, or its divergence from itself, in nats a token; it is never trained any further. */
  readonly teacher: number;
  /** The fitness of the best start of each kind. */
  readonly starts: ReadonlyMap<StartKind, number>;
  /** FLOPs that this took besides the search's. */
  readonly flops: number;
}

/** The latency of a sub-network beside the teacher's. */
export interface LatencyComparison {
  /** Milliseconds that were predicted of the sub-network. */
  readonly predicted: number;
  /** What was measured of it. */
  readonly measured: Latency;
  /** What was measured of the teacher, in turns with it. */
  readonly teacher: Latency;
  /** FLOPs that this took besides the search's. */
  readonly flops: number;
}

/** What a prepared search is made of. */
interface Parts {
  readonly teacher: Model;
  readonly config: SubNetworkSearchConfig;
  readonly space: SubNetworkSpace;
  readonly bin: Bin;
  readonly bound: CostName;
  readonly latencyModel: LatencyModel | undefined;
  readonly levels: readonly number[];
  readonly judge: Judge;
  readonly objective: StudentObjective;
  readonly starts: readonly Start[];
  readonly kinds: ReadonlyMap<string, StartKind>;
  readonly search: Search<SubNetwork>;
  readonly preparation: number;
}

/** A search for a sub-network that is ready; take its rows once. */
export class SubNetworkSearch {
  /** Its settings, with all defaults. */
  readonly config: SubNetworkSearchConfig;
  /** What is chosen from. */
  readonly space: SubNetworkSpace;
  /** Where costs lie. */
  readonly bin: Bin;
  /** What the bin bounds. */
  readonly bound: CostName;
  /** Predicts the latencies that rows have; keep it with them to go on. */
  readonly latencyModel: LatencyModel | undefined;
  /** The rungs of calibration tokens, or of training tokens where students are trained. */
  readonly levels: readonly number[];
  /** What it begins with besides random candidates. */
  readonly starts: readonly Start[];
  /** FLOPs that scoring importance and the teacher's own pass took, which no row counts. */
  readonly preparation: number;
  readonly #teacher: Model;
  readonly #judge: Judge;
  readonly #objective: StudentObjective;
  readonly #kinds: ReadonlyMap<string, StartKind>;
  readonly #search: Search<SubNetwork>;
  readonly #begun: SubNetworkRow[] = [];

  /** Takes what `prepareSubNetworkSearch` made. */
  constructor(parts: Parts) {
    const { config, space, bin, bound, latencyModel, levels, starts, preparation } = parts;
    this.config = config;
    this.space = space;
    this.bin = bin;
    this.bound = bound;
    this.latencyModel = latencyModel;
    this.levels = levels;
    this.starts = starts;
    this.preparation = preparation;
    this.#teacher = parts.teacher;
    this.#judge = parts.judge;
    this.#objective = parts.objective;
    this.#kinds = parts.kinds;
    this.#search = parts.search;
  }

  /** Counts and costs so far, and what ended the search. */
  get result(): Omit<SearchResult<SubNetwork>, "best" | "front"> {
    const { best: _, front: _front, ...counts } = this.#search.result;
    return counts;
  }

  /** Yields the rows; the signal ends it after the evaluation under way. */
  async *rows(signal?: AbortSignal): AsyncGenerator<SubNetworkRow> {
    for await (const report of this.#search) {
      const row = rowOf(report, this.#kinds.get(report.hash));
      if (row.start) this.#begun.push(row);
      yield row;
      if (signal?.aborted) return;
    }
  }

  /** Judges the teacher and the best start of each kind as candidates of a level are. */
  async compare(level: number): Promise<Comparison> {
    let flops = 0;
    const judge = async (genotype: SubNetwork): Promise<number> => {
      flops += this.#objective.price(genotype, level);
      return (await this.#objective.evaluate([genotype], level))[0]!;
    };
    const teacher = await this.#judge.judgeTeacher(level);
    flops += this.#judge.price(this.#teacher.config, level);
    const starts = new Map<StartKind, number>();
    for (const kind of new Set(this.#kinds.values())) {
      const rows = this.#begun.filter(({ start }) => start === kind);
      // Of those that got farthest the best; others were given up before they could be compared with it.
      const [first] = rows.sort((a, b) => b.level - a.level || a.fitness - b.fitness);
      if (first) starts.set(kind, first.level === level ? first.fitness : await judge(first.genotype));
    }
    return { teacher, starts, flops };
  }

  /**
   * Measures a sub-network and the teacher in turns, with the passes of the latency model.
   *
   * @throws {RangeError} If the search has none.
   */
  async compareLatency(genotype: SubNetwork): Promise<LatencyComparison> {
    const { latencyModel: model, config: { rope, scale } } = this;
    if (!model) {
      throw new RangeError("Cannot compare latencies: the search must have a latency model, found none; give it one");
    }
    const { batch, sequence } = model;
    const both = [genotype, this.space.largest()];
    const [measured, teacher] = await measureSubNetworks(this.#teacher, both, { batch, sequence, rope, scale });
    const predicted = predictLatency(model, genotype, this.#teacher.config);
    const flops = both.reduce((sum, each, i) => sum + flopsOf([measured!, teacher!][i]!, each, this.#teacher), 0);
    return { predicted, measured: measured!, teacher: teacher!, flops };
  }
}
