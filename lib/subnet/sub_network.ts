/**
 * Sub-networks: which parts of a teacher a student keeps.
 *
 * @module
 */

/**
 * A sub-network of a teacher: indices of what is kept, each list in ascending order. It says nothing of how weights are
 * repaired; the parts kept are an ordinary model of a smaller shape.
 */
export interface SubNetwork {
  /** Kept layers of the teacher. */
  readonly layers: readonly number[];
  /** Kept dimensions of the residual stream, in all layers. */
  readonly width: readonly number[];
  /** What is kept of each kept layer, in the order of `layers`. */
  readonly blocks: readonly SubBlock[];
}

/** What is kept of one layer. */
export interface SubBlock {
  /** Kept query groups: with multi-head attention every head is a group of its own. */
  readonly groups: readonly number[];
  /** Kept heads inside each kept group, the same in all of them. */
  readonly headsInGroup: readonly number[];
  /** Kept dimensions of each head, the same in all of them; the teacher's first ones are those that it rotates. */
  readonly headDims: readonly number[];
  /** Kept neurons of the feed-forward network. */
  readonly mlp: readonly number[];
}
