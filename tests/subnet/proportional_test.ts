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

Deno.test("proportional sizes lie in the bin, and their shares are nearly the same", () => {
  for (const share of [0.1, 0.25, 0.5, 0.8]) {
    const bin = around(share);
    const sizes = proportionalSizes(space, config, bin);
    const found = cost(prefixOf(sizes, space));
    assert(found >= bin.least && found <= bin.most, `${share}: ${found}`);
    const { groups, mlp } = sizes.blocks[0]!;
    const shares = [sizes.blocks.length / 6, sizes.width / 256, groups / 8, mlp / 1024];
    assert(Math.max(...shares) / Math.min(...shares) < 1.4, `${share}: ${shares}`);
    assert(sizes.blocks.every((block) => block.headDims === 32 && block.mlp === mlp));
  }
});

Deno.test("no sizes in the bin are nearer to the teacher's proportions", () => {
  const small = { ...smallNeoX, layers: 4 };
  const dimensions = dimensionsOf(small);
  const steps = { layers: 1, width: 2, groups: 1, mlp: 5 };
  const coarse = searchSpace("fine-layerwise", dimensions, { fixed: ["headDims"], steps });
  const half = { least: 0.45 * countParameters(small), most: 0.55 * countParameters(small) };
  const distortionOf = ({ width, blocks }: SubNetworkSizes) => {
    const { groups, mlp } = blocks[0]!;
    const logs = [blocks.length / 4, width / small.width, groups / dimensions.groups, mlp / small.mlpWidth].map(
      Math.log,
    );
    const mean = logs.reduce((sum, value) => sum + value) / 4;
    return logs.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  };
  let least = Infinity;
  const { lists } = coarse;
  for (const layers of lists.layers.sizes) {
    for (const width of lists.width.sizes) {
      for (const groups of lists.groups.sizes) {
        for (const mlp of lists.mlp.sizes) {
          const block = { groups, headsInGroup: 1, headDims: dimensions.headSize, mlp };
          const sizes = { width, blocks: Array(layers).fill(block) };
          const parameters = countSubNetworkParameters(prefixOf(sizes, coarse), small);
          if (parameters >= half.least && parameters <= half.most) least = Math.min(least, distortionOf(sizes));
        }
      }
    }
  }
  const found = distortionOf(proportionalSizes(coarse, small, half));
  assert(Math.abs(found - least) < 1e-12, `${found}, and ${least} at best`);
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
