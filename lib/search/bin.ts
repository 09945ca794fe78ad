/**
 * Bins: the costs between which members of a space are looked for.
 *
 * @module
 */

/** An interval of costs, both ends included. */
export interface Bin {
  /** The lowest cost in the bin. */
  readonly least: number;
  /** The highest cost in the bin. */
  readonly most: number;
}

/** Says where a cost lies: -1 below the bin, 0 inside, 1 above. */
export function sideOf(cost: number, { least, most }: Bin): -1 | 0 | 1 {
  if (cost < least) return -1;
  return cost > most ? 1 : 0;
}

/** Cuts a bin into that many of equal width, in ascending order; neighbours share the cost at their border. */
export function splitBin({ least, most }: Bin, count: number): Bin[] {
  const border = (i: number) => i === count ? most : least + i * (most - least) / count;
  return Array.from({ length: count }, (_, i) => ({ least: border(i), most: border(i + 1) }));
}

/**
 * Returns the bin itself.
 *
 * @throws {RangeError} If an end is no number, or the ends are in the wrong order.
 */
export function checkBin(bin: Bin): Bin {
  if (bin.least <= bin.most) return bin;
  throw new RangeError(
    `Cannot search the bin: 'least' must be at most 'most', found ${bin.least} and ${bin.most}`,
  );
}
