/**
 * Index lists that repeat indices, as lists that do not.
 *
 * @module
 */

import type { Tensor } from "../define.ts";

/** Places of an index list that name different indices. */
export interface Round {
  /** Where in the list they are; undefined for all of it. */
  readonly places?: Tensor | undefined;
  /** The indices that stand there; undefined for those of a dimension that is taken whole. */
  readonly indices?: Tensor | undefined;
}

const known = new WeakMap<Tensor, readonly Round[]>();

/**
 * Divides an index list so that no index occurs twice in a round: the first occurrences, the second ones, and so on.
 *
 * Only of a constant it is known which indices repeat; others have one round.
 */
export function roundsOf(list: Tensor | undefined): readonly Round[] {
  const values = list && list.graph.constants.get(list);
  if (!list || !values) return [{ indices: list }];
  const before = known.get(list);
  if (before) return before;
  const seen = new Map<number, number>();
  const places: number[][] = [];
  values.forEach((index, place) => {
    const round = seen.get(index) ?? 0;
    seen.set(index, round + 1);
    (places[round] ??= []).push(place);
  });
  const constant = (name: string, data: readonly number[]) =>
    list.graph.constant(`${list.name}.${name}`, [data.length], Uint32Array.from(data));
  const rounds = places.length === 1 ? [{ indices: list }] : places.map((all, i) => ({
    places: constant(`places.${i}`, all),
    indices: constant(`indices.${i}`, all.map((place) => values[place]!)),
  }));
  known.set(list, rounds);
  return rounds;
}
