/**
 * All members of a space of sub-networks: how many there are, and which.
 *
 * @module
 */

import { product } from "./combinations.ts";
import type { IndexList, IndexLists } from "./index_lists.ts";
import { blockDimensions, blockOf } from "./sizes.ts";
import type { SpaceParts } from "./space_parts.ts";
import type { SubBlock, SubNetwork } from "./sub_network.ts";

/** Counts the members of a space; undefined from 2^53. */
export function countMembers({ uniform, lists }: SpaceParts): number | undefined {
  const block = blockDimensions.reduce((ways, dimension) => ways * countAll(lists[dimension]), 1);
  const stacks = lists.layers.sizes.reduce((sum, size) => {
    // Multiplied one by one, as a power need not be exact.
    const blocks = Array<number>(uniform ? 1 : size).fill(block).reduce((ways, each) => ways * each);
    return sum + lists.layers.count(size) * blocks;
  }, 0);
  const members = stacks * countAll(lists.width);
  return Number.isSafeInteger(members) ? members : undefined;
}

/** Lists the members of a space, each once. */
export function* listMembers({ uniform, lists }: SpaceParts): Generator<SubNetwork> {
  const block = () => listBlocks(lists);
  for (const layers of listAll(lists.layers)) {
    for (const width of listAll(lists.width)) {
      for (const blocks of product(Array<typeof block>(uniform ? 1 : layers.length).fill(block))) {
        yield { layers, width, blocks: layers.map((_, i) => blocks[uniform ? 0 : i]!) };
      }
    }
  }
}

function* listBlocks(lists: SpaceParts["lists"]): Generator<SubBlock> {
  for (const kept of product(blockDimensions.map((dimension) => () => listAll(lists[dimension])))) {
    yield blockOf((dimension) => kept[blockDimensions.indexOf(dimension)]!);
  }
}

function countAll(lists: IndexLists): number {
  return lists.sizes.reduce((sum, size) => sum + lists.count(size), 0);
}

function* listAll(lists: IndexLists): Generator<IndexList> {
  for (const size of lists.sizes) yield* lists.all(size);
}
