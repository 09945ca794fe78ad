/**
 * What a search for a sub-network begins with besides random candidates.
 *
 * @module
 */

import { type TokenArray, validationBatches } from "../data/batches.ts";
import { Draws } from "../draws.ts";
import type { Model } from "../model/model.ts";
import { importanceFlops, type ImportanceMethod, importanceOf } from "../subnet/importance/mod.ts";
import { evenlySpacedOf, type Importance, type Order, orderedBy, prefixOf } from "../subnet/orders.ts";
import { sizesOf, type SubNetworkSizes } from "../subnet/sizes.ts";
import type { SubNetwork } from "../subnet/sub_network.ts";
import type { SubNetworkSpace } from "../subnet/sub_network_space.ts";
import type { Bin } from "./bin.ts";
import { Fitter } from "./fit.ts";
import type { SubNetworkSearchConfig } from "./sub_network_config.ts";

/** How the indices of a start were chosen: the first, evenly spaced ones, or by a way to score them. */
export type StartKind = "prefix" | "spaced" | ImportanceMethod;

/** A candidate to begin with. */
export interface Start {
  /** How its indices were chosen. */
  readonly kind: StartKind;
  /** The candidate. */
  readonly genotype: SubNetwork;
}

/** Starts of a kind, at most. */
const FEW = 4;
/** Sizes that are drawn for each start, at most, where many give what is there already. */
const TRIES = 4;
/** Draws for one with the wanted number of layers, at most. */
const DRAWS = 24;

/** What starts are drawn for. */
export interface StartsOptions {
  /** What is chosen from. */
  readonly space: SubNetworkSpace;
  /** What a member costs. */
  readonly cost: (genotype: SubNetwork) => number;
  /** Where costs must lie. */
  readonly bin: Bin;
  /** The kinds with their orders. */
  readonly orders: ReadonlyMap<StartKind, Order>;
  /** Candidates of the first generation; at most half of them are starts. */
  readonly population: number;
  /** Seed of the sizes. */
  readonly seed: number;
  /** Sizes that the first start of each kind has. @default {drawn, as those of the others} */
  readonly sizes?: SubNetworkSizes | undefined;
}

/**
 * Draws sizes, brings them into the bin, and orders them, each in a kind of its own. Numbers of layers take turns: no
 * other choice makes as much of a difference.
 *
 * @returns Different members of the bin, the kinds taking turns; fewer or none where the bin is hard to reach.
 */
export function drawStarts({ space, cost, bin, orders, population, seed, sizes }: StartsOptions): Start[] {
  const draws = new Draws(seed, "search/starts");
  const fitter = new Fitter({ space, cost }, bin);
  const most = Math.min(Math.floor(population / 2), FEW * orders.size);
  const kinds = [...orders];
  const { sizes: depths } = space.lists.layers;
  /** A member with so many layers, where a few draws find one; else any. */
  const memberWith = (layers: number): SubNetwork | undefined => {
    let last: SubNetwork | undefined;
    for (let draw = 0; draw < DRAWS; draw++) {
      last = fitter.fit(space.sample(draws), draws) ?? last;
      if (last?.layers.length === layers) break;
    }
    return last;
  };
  const starts = new Map<string, Start>();
  const add = (kind: StartKind, genotype: SubNetwork) => {
    const text = space.textOf(genotype);
    if (!starts.has(text)) starts.set(text, { kind, genotype });
  };
  if (sizes) { for (const [kind, order] of kinds.slice(0, most)) add(kind, order(sizes, space)); }
  for (let tries = 0; tries < TRIES * most && starts.size < most; tries++) {
    const member = memberWith(depths[starts.size % depths.length]!);
    if (member === undefined) continue;
    const [kind, order] = kinds[starts.size % kinds.length]!;
    add(kind, order(sizesOf(member), space));
  }
  return [...starts.values()];
}

/**
 * Returns the orders in which a search begins, and the FLOPs that it took to find what matters.
 *
 * @param text What importance is scored on: up to `limit` tokens of it, in windows spread evenly.
 * @throws {RangeError} If importance is to be scored and the text does not fit the teacher.
 */
export async function ordersOf(
  teacher: Model,
  { method, prefix, spaced, importance }: Pick<SubNetworkSearchConfig, "method" | "prefix" | "spaced" | "importance">,
  { fine }: SubNetworkSpace,
  text: { readonly tokens: TokenArray; readonly limit: number },
): Promise<{ readonly orders: ReadonlyMap<StartKind, Order>; readonly flops: number }> {
  const orders = new Map<StartKind, Order>();
  // These draw all of their candidates.
  if (method === "random" || method === "stratified") return { orders, flops: 0 };
  if (prefix) orders.set("prefix", prefixOf);
  if (spaced && fine) orders.set("spaced", evenlySpacedOf);
  if (importance === "none" || !fine) return { orders, flops: 0 };
  const { scores, flops } = await scoreImportance(teacher, importance, text);
  return { orders: orders.set(importance, orderedBy(scores)), flops };
}

/**
 * Scores what matters in a teacher, and counts the FLOPs that this takes.
 *
 * @param text What is scored on: up to `limit` tokens of it, in windows spread evenly.
 * @throws {RangeError} If the text does not fit the teacher.
 */
export async function scoreImportance(
  teacher: Model,
  method: ImportanceMethod,
  { tokens, limit }: { readonly tokens: TokenArray; readonly limit: number },
): Promise<{ readonly scores: Importance; readonly flops: number }> {
  const { sequence } = teacher.config;
  const windows = Math.floor(limit / sequence);
  const batches = validationBatches(tokens, { batch: 1, sequence }, windows)
    .map(({ tokens, targets }) => [[...tokens, targets[sequence - 1]!]]);
  return {
    scores: await importanceOf(teacher, batches, method),
    flops: importanceFlops(teacher.config, method, windows * sequence),
  };
}
