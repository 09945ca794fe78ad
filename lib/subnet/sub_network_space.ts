/**
 * Spaces of sub-networks.
 *
 * @module
 */

import type { Draws } from "../draws.ts";
import type { SearchSpace } from "../search/space.ts";
import type { Dimensions } from "./dimensions.ts";
import type { IndexList, IndexLists } from "./index_lists.ts";
import { printSubNetwork } from "./json.ts";
import { countMembers, listMembers } from "./members.ts";
import { type PreferenceOf, preferFirst } from "./preferences.ts";
import { blockDimensions, blockOf, type BlockSizes, type DimensionName, type SubNetworkSizes } from "./sizes.ts";
import { checkSizes, type SpaceParts } from "./space_parts.ts";
import type { SubBlock, SubNetwork } from "./sub_network.ts";
import { pickLogUniform } from "./weighted.ts";

/** One list of a member, and how the member looks with another one in its place. */
interface Place {
  readonly lists: IndexLists;
  readonly list: IndexList;
  replace(list: IndexList): SubNetwork;
}

/** The sub-networks of a teacher whose lists are each one of some, with the same block in all layers or not. */
export class SubNetworkSpace implements SearchSpace<SubNetwork>, SpaceParts {
  /** What the space is called. */
  readonly name: string;
  /** The teacher's sizes. */
  readonly dimensions: Dimensions;
  /** Whether members choose indices freely, rather than keep the first ones. */
  readonly fine: boolean;
  /** Whether all kept layers have the same block. */
  readonly uniform: boolean;
  /** The lists that each dimension may have. */
  readonly lists: Readonly<Record<DimensionName, IndexLists>>;

  /** Makes the space of all combinations of lists; `searchSpace()` makes those that have names. */
  constructor({ name, dimensions, fine, uniform, lists }: SpaceParts) {
    this.name = name;
    this.dimensions = dimensions;
    this.fine = fine;
    this.uniform = uniform;
    this.lists = lists;
  }

  /** Returns the member with the smallest size in every dimension and the first indices. */
  smallest(): SubNetwork {
    return this.#extreme(0);
  }

  /** Returns the whole teacher. */
  largest(): SubNetwork {
    return this.#extreme(-1);
  }

  /**
   * Returns the member of given sizes.
   *
   * @param preferenceOf Decides which indices of each dimension are kept.
   * @throws {IllegalSubNetworkError} If the space has no member of these sizes.
   */
  memberOf(sizes: SubNetworkSizes, preferenceOf: PreferenceOf): SubNetwork {
    checkSizes(sizes, this);
    const { width, blocks } = sizes;
    const choose = (dimension: DimensionName, size: number, layers: IndexList) =>
      this.lists[dimension].choose(size, preferenceOf(dimension, layers));
    const blockFor = (size: BlockSizes, layers: IndexList) =>
      blockOf((dimension) => choose(dimension, size[dimension], layers));

    const layers = choose("layers", blocks.length, []);
    const shared = this.uniform && blockFor(blocks[0]!, layers);
    return {
      layers,
      width: choose("width", width, []),
      blocks: layers.map((layer, i) => shared || blockFor(blocks[i]!, [layer])),
    };
  }

  /**
   * Draws sizes, the width log-uniformly and the others uniformly among those allowed, and the indices that make them
   * up uniformly.
   */
  sample(draws: Draws): SubNetwork {
    const draw = (dimension: DimensionName) =>
      this.lists[dimension].draw(draws.pick(this.lists[dimension].sizes), draws);
    const layers = draw("layers");
    const width = this.lists.width.draw(pickLogUniform(this.lists.width.sizes, draws), draws);
    const shared = this.uniform && blockOf(draw);
    return { layers, width, blocks: layers.map(() => shared || blockOf(draw)) };
  }

  /**
   * Changes one list: of a dimension that is drawn, so that layers and width change as often as all blocks' neurons; to
   * another size, drawn, which keeps what it can of the indices; or, where members choose freely, to the same size with
   * other indices, with probability 1/2. A layer that is new gets the sizes of the parent's nearest layer. Returns the
   * parent where the space has no other member.
   */
  mutate(parent: SubNetwork, draws: Draws): SubNetwork {
    const places = this.#places(parent, draws)
      .filter(({ lists, list }) => lists.sizes.length > 1 || lists.varies(list.length));
    if (places.length === 0) return parent;
    const dimension = draws.pick([...new Set(places.map(({ lists }) => lists))]);
    const { lists, list, replace } = draws.pick(places.filter(({ lists }) => lists === dimension));
    const sizes = lists.sizes.filter((size) => size !== list.length);
    const exchanges = lists.varies(list.length) && (sizes.length === 0 || draws.chance(0.5));
    return replace(exchanges ? lists.exchange(list, draws) : lists.resize(list, draws.pick(sizes), draws));
  }

  /** Returns a neighbour that is one size larger in one list, drawn; undefined for the largest member. */
  grow(parent: SubNetwork, draws: Draws): SubNetwork | undefined {
    return this.#step(parent, 1, draws);
  }

  /** Returns a neighbour that is one size smaller in one list, drawn; undefined for members of the smallest sizes. */
  shrink(parent: SubNetwork, draws: Draws): SubNetwork | undefined {
    return this.#step(parent, -1, draws);
  }

  /**
   * Takes the layers of one parent and the width of either. The block of a uniform space takes each of its lists from
   * either; elsewhere a layer that both parents keep takes its block from either.
   */
  crossOver(a: SubNetwork, b: SubNetwork, draws: Draws): SubNetwork {
    const [{ layers, blocks }, other] = draws.chance(0.5) ? [a, b] : [b, a];
    const { width } = draws.pick([a, b]);
    const shared = this.uniform && blockOf((dimension) => draws.pick([a, b]).blocks[0]![dimension]);
    return {
      layers,
      width,
      blocks: layers.map((layer, i) => {
        if (shared) return shared;
        const at = other.layers.indexOf(layer);
        return at >= 0 && draws.chance(0.5) ? other.blocks[at]! : blocks[i]!;
      }),
    };
  }

  /** Returns the one text of a member, as `printSubNetwork` writes it. */
  textOf(genotype: SubNetwork): string {
    return printSubNetwork(genotype);
  }

  /** Counts the members; undefined from 2^53. */
  count(): number | undefined {
    return countMembers(this);
  }

  /** Lists all members, each once. */
  enumerate(): Generator<SubNetwork> {
    return listMembers(this);
  }

  #extreme(end: 0 | -1): SubNetwork {
    const size = (dimension: DimensionName) => this.lists[dimension].sizes.at(end)!;
    const sizes = { width: size("width"), blocks: Array<BlockSizes>(size("layers")).fill(blockOf(size)) };
    return this.memberOf(sizes, () => preferFirst);
  }

  #step(parent: SubNetwork, by: 1 | -1, draws: Draws): SubNetwork | undefined {
    const next = ({ lists: { sizes }, list }: Place) => sizes[sizes.indexOf(list.length) + by];
    const places = this.#places(parent, draws).filter((place) => next(place) !== undefined);
    if (places.length === 0) return undefined;
    const place = draws.pick(places);
    return place.replace(place.lists.resize(place.list, next(place)!, draws));
  }

  /** The lists of a member that can change on their own. */
  #places(member: SubNetwork, draws: Draws): Place[] {
    const { layers, width, blocks } = member;
    const different = this.uniform ? blocks.slice(0, 1) : blocks;
    return [
      {
        lists: this.lists.layers,
        list: layers,
        replace: (list) => ({ layers: list, width, blocks: this.#blocksFor(list, member, draws) }),
      },
      { lists: this.lists.width, list: width, replace: (list) => ({ layers, width: list, blocks }) },
      ...different.flatMap((block, i) =>
        blockDimensions.map((dimension): Place => ({
          lists: this.lists[dimension],
          list: block[dimension],
          replace: (list) => {
            const changed = { ...block, [dimension]: list };
            return { layers, width, blocks: this.uniform ? blocks.map(() => changed) : blocks.with(i, changed) };
          },
        }))
      ),
    ];
  }

  /** The blocks of other layers: the parent's where it keeps the layer, else drawn with its nearest layer's sizes. */
  #blocksFor(layers: IndexList, parent: SubNetwork, draws: Draws): SubBlock[] {
    return layers.map((layer) => {
      const distances = parent.layers.map((other) => Math.abs(other - layer));
      const nearest = Math.min(...distances);
      const block = parent.blocks[distances.indexOf(nearest)]!;
      if (this.uniform || nearest === 0) return block;
      return blockOf((dimension) => this.lists[dimension].draw(block[dimension].length, draws));
    });
  }
}
