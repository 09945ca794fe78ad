/**
 * What a search for a sub-network begins with besides random candidates.
 *
 * @module
 */

import { type TokenArray, validationBatches } from "../data/batches.ts";
import { Draws } from "../draws.ts";
import { forwardFlopsPerToken, trainingFlopsPerToken } from "../model/flops.ts";
import type { Model } from "../model/model.ts";
import { type ImportanceMethod, importanceOf } from "../subnet/importance/mod.ts";
import { evenlySpacedOf, type Order, orderedBy, prefixOf } from "../subnet/orders.ts";
import { sizesOf } from "../subnet/sizes.ts";
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
}

/**
 * Draws sizes, brings them into the bin, and orders the same sizes in every kind, so that kinds can be compared.
 *
 * @returns Different members of the bin, the kinds taking turns; fewer or none where the bin is hard to reach.
 */
export function drawStarts({ space, cost, bin, orders, population, seed }: StartsOptions): Start[] {
  const draws = new Draws(seed, "search/starts");
  const fitter = new Fitter({ space, cost }, bin);
  const most = Math.min(Math.floor(population / 2), FEW * orders.size);
  const starts = new Map<string, Start>();
  for (let tries = 0; tries < TRIES * most && starts.size < most; tries++) {
    const member = fitter.fit(space.sample(draws), draws);
    if (member === undefined) continue;
    for (const [kind, order] of orders) {
      const genotype = order(sizesOf(member), space);
      const text = space.textOf(genotype);
      if (starts.size < most && !starts.has(text)) starts.set(text, { kind, genotype });
    }
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
  const { sequence } = teacher.config;
  const windows = Math.floor(text.limit / sequence);
  const batches = validationBatches(text.tokens, { batch: 1, sequence }, windows)
    .map(({ tokens, targets }) => [[...tokens, targets[sequence - 1]!]]);
  orders.set(importance, orderedBy(await importanceOf(teacher, batches, importance)));
  const flopsPerToken = importance === "taylor" ? trainingFlopsPerToken : forwardFlopsPerToken;
  return { orders, flops: windows * sequence * flopsPerToken(teacher.config) };
}
