import { assert, assertEquals, assertThrows } from "@std/assert";
import { prefixOf } from "../../lib/subnet/orders.ts";
import { proportionalSizes } from "../../lib/subnet/proportional.ts";
import { countSubNetworkParameters } from "../../lib/subnet/counts.ts";
import { dimensionsOf } from "../../lib/subnet/dimensions.ts";
import { searchSpace } from "../../lib/subnet/search_space.ts";
import type { SubNetworkSizes } from "../../lib/subnet/sizes.ts";
import { smallNeoX } from "../model/small_neox.ts";
import { presets } from "../../lib/model/presets.ts";
import { countParameters } from "../../lib/model/parameters.ts";

const { config } = presets.teacher;
const space = searchSpace("fine-layerwise", dimensionsOf(config), { fixed: ["headDims"] });
const all = countParameters(config);
const cost = (subNetwork: ReturnType<typeof prefixOf>) => countSubNetworkParameters(subNetwork, config);
const around = (share: number) => ({ least: 0.98 * share * all, most: 1.02 * share * all });

Deno.test("proportional sizes lie in the bin, and their shares are near the root of the budget's", () => {
  for (const share of [0.1, 0.25, 0.5, 0.8]) {
    const bin = around(share);
    const sizes = proportionalSizes(space, config, bin);
    const found = cost(prefixOf(sizes, space));
    assert(found >= bin.least && found <= bin.most, `${share}: ${found}`);
    const { groups, mlp } = sizes.blocks[0]!;
    for (const kept of [sizes.width / 256, groups / 8, mlp / 1024]) {
      assert(Math.abs(Math.log(kept / Math.sqrt(share))) < Math.log(1.6), `${share}: ${kept}`);
    }
    assert(sizes.blocks.every((block) => block.headDims === 32 && block.mlp === mlp));
  }
});

Deno.test("a quarter of the shipped teacher has half of its width and heads, and all layers but one", () => {
  const { width, blocks } = proportionalSizes(space, config, around(0.25));
  assertEquals([width, blocks.length, blocks[0]!.groups, blocks[0]!.mlp], [128, 5, 4, 464]);
});

Deno.test("no sizes in the bin are nearer to the teacher's proportions", () => {
  const small = { ...smallNeoX, layers: 4 };
  const dimensions = dimensionsOf(small);
  const steps = { layers: 1, width: 2, groups: 1, mlp: 5 };
  const coarse = searchSpace("fine-layerwise", dimensions, { fixed: ["headDims"], steps });
  const half = { least: 0.4 * countParameters(small), most: 0.52 * countParameters(small) };
  const wanted = Math.sqrt(0.46);
  // Width and groups come first: however far neurons are, a million of their distance is less.
  const distanceOf = ({ width, blocks }: SubNetworkSizes) => {
    const { groups, mlp } = blocks[0]!;
    const far = (share: number) => Math.log(share / wanted) ** 2;
    return 1e6 * (far(width / small.width) + far(groups / dimensions.groups)) + far(mlp / small.mlpWidth);
  };
  let least = Infinity;
  const { lists } = coarse;
  for (const layers of lists.layers.sizes) {
    for (const width of lists.width.sizes) {
      for (const groups of lists.groups.sizes) {
        const inside = lists.mlp.sizes.map((mlp) => {
          const block = { groups, headsInGroup: 1, headDims: dimensions.headSize, mlp };
          return { width, blocks: Array(layers).fill(block) };
        }).filter((sizes) => {
          const parameters = countSubNetworkParameters(prefixOf(sizes, coarse), small);
          return parameters >= half.least && parameters <= half.most;
        });
        const middle = inside[Math.floor(inside.length / 2)];
        if (middle) least = Math.min(least, distanceOf(middle));
      }
    }
  }
  const found = distanceOf(proportionalSizes(coarse, small, half));
  assert(Math.abs(found - least) < 1e-6, `${found}, and ${least} at best`);
});

Deno.test("the whole teacher is its own proportion", () => {
  const { width, blocks } = proportionalSizes(space, config, { least: all, most: all });
  assertEquals([width, blocks.length, blocks[0]!.groups, blocks[0]!.mlp], [256, 6, 8, 1024]);
});

Deno.test("a bin without such a sub-network is refused", () => {
  assertThrows(
    () => proportionalSizes(space, config, { least: 1, most: 2 }),
    RangeError,
    "Cannot choose sizes: the bin from 1 to 2 parameters must hold a sub-network of equal blocks and whole heads, found none",
  );
});
