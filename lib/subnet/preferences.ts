/**
 * Which indices to keep where only sizes are given.
 *
 * @module
 */

import { range } from "./combinations.ts";
import type { IndexList, Preference } from "./index_lists.ts";
import type { DimensionName } from "./sizes.ts";

/**
 * Tells what is preferred in a dimension.
 *
 * @param layers The kept layers that share the list, for a dimension of a block.
 */
export type PreferenceOf = (dimension: DimensionName, layers: IndexList) => Preference;

/** Prefers the units with the greatest worth, the first of equals. */
export function preferWorth(worth: (index: number) => number): Preference {
  const worthOf = (unit: IndexList) => unit.reduce((sum, index) => sum + worth(index), 0);
  return {
    worth,
    pick: (units, count) => units.toSorted((a, b) => worthOf(b) - worthOf(a)).slice(0, count),
  };
}

/** Prefers the first units. */
export const preferFirst: Preference = preferWorth((index) => -index);

/** Prefers units at even distances, the first and the last among them; it takes as many rotary pairs as there can be. */
export const preferEvenlySpaced: Preference = {
  worth: preferFirst.worth,
  pick: (units, count) => range(count).map((i) => units[Math.round(i * (units.length - 1) / Math.max(count - 1, 1))]!),
};
