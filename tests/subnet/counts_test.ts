import { assertEquals } from "@std/assert";
import { sizeOf } from "../../lib/graph/tensor.ts";
import type { GPTNeoXConfig } from "../../lib/model/config.ts";
import { forwardFlopsPerToken, trainingFlopsPerToken } from "../../lib/model/flops.ts";
import { countParameters, parameterSpecs } from "../../lib/model/parameters.ts";
import { presetNames, presets } from "../../lib/model/presets.ts";
import {
  countSubNetworkParameters,
  subNetworkForwardFlopsPerToken,
  subNetworkTrainingFlopsPerToken,
} from "../../lib/subnet/counts.ts";
import { dimensionsOf } from "../../lib/subnet/dimensions.ts";
import { searchSpace } from "../../lib/subnet/search_space.ts";
import type { SubNetwork } from "../../lib/subnet/sub_network.ts";
import { smallNeoX } from "../model/small_neox.ts";
import { cases, membersOf } from "./teachers.ts";

const forms = [false, true].flatMap((tiedEmbeddings) =>
  [false, true].map((attentionBias) => ({ ...smallNeoX, tiedEmbeddings, attentionBias }))
);

/** The shapes of all tensors, by what they multiply: activations, or nothing. */
function shapesOf({ width: dims, blocks }: SubNetwork, config: GPTNeoXConfig) {
  const { vocabularySize, tiedEmbeddings, attentionBias } = config;
  const width = dims.length;
  const matrices: number[][] = [[vocabularySize, width]];
  const others: number[][] = tiedEmbeddings ? [] : [[vocabularySize, width]];
  others.push([width], [width]);
  for (const { groups, headsInGroup, headDims, mlp } of blocks) {
    const size = headDims.length;
    const queries = groups.flatMap(() => headsInGroup.map(() => size)).reduce((sum, each) => sum + each);
    const keys = groups.map(() => size).reduce((sum, each) => sum + each);
    matrices.push([queries + keys + keys, width], [width, queries], [mlp.length, width], [width, mlp.length]);
    others.push([width], [width], [width], [width], [mlp.length], [width]);
    if (attentionBias) others.push([queries + 2 * keys], [width]);
  }
  return { matrices, others };
}

function sum(shapes: readonly number[][]): number {
  return shapes.reduce((total, shape) => total + sizeOf(shape), 0);
}

Deno.test("keeping all of a teacher costs what the teacher costs", () => {
  const configs = [...presetNames.map((name) => presets[name].config), ...forms];
  for (const config of configs) {
    const whole = searchSpace("coarse-uniform", dimensionsOf(config)).largest();
    assertEquals(countSubNetworkParameters(whole, config), countParameters(config));
    assertEquals(subNetworkForwardFlopsPerToken(whole, config), forwardFlopsPerToken(config));
    assertEquals(subNetworkForwardFlopsPerToken(whole, config, 5), forwardFlopsPerToken(config, 5));
    assertEquals(subNetworkTrainingFlopsPerToken(whole, config), trainingFlopsPerToken(config));
    assertEquals(subNetworkTrainingFlopsPerToken(whole, config, 5), trainingFlopsPerToken(config, 5));
  }
});

Deno.test("the closed form counts the parameters that tensor shapes add up to", () => {
  for (const each of cases) {
    for (const member of membersOf(each, 5)) {
      for (const config of forms) {
        const { matrices, others } = shapesOf(member, config);
        assertEquals(countSubNetworkParameters(member, config), sum(matrices) + sum(others));
      }
    }
  }
});

Deno.test("a forward pass is two operations a multiplied weight and four a visible pair of head dimensions", () => {
  const sequence = 6;
  for (const each of cases) {
    for (const member of membersOf(each, 5)) {
      const [config] = forms;
      let pairs = 0;
      for (let position = 0; position < sequence; position++) {
        for (const { groups, headsInGroup, headDims } of member.blocks) {
          pairs += groups.length * headsInGroup.length * headDims.length * (position + 1);
        }
      }
      const expected = 2 * sum(shapesOf(member, config!).matrices) + 4 * pairs / sequence;
      assertEquals(subNetworkForwardFlopsPerToken(member, config!, sequence), expected);
      assertEquals(subNetworkTrainingFlopsPerToken(member, config!, sequence), 3 * expected);
    }
  }
});

Deno.test("a sub-network of a smaller ordinary shape counts as the model of that shape", () => {
  const config = { ...smallNeoX, width: 16, heads: 2, layers: 1, mlpWidth: 30 };
  const range = (count: number) => Array.from({ length: count }, (_, i) => i);
  const block = { groups: range(2), headsInGroup: [0], headDims: range(8), mlp: range(30) };
  const subNetwork = { layers: [1], width: range(16), blocks: [block] };
  const specs = parameterSpecs(config).reduce((total, { shape }) => total + sizeOf(shape), 0);
  assertEquals(countSubNetworkParameters(subNetwork, smallNeoX), specs);
  assertEquals(subNetworkForwardFlopsPerToken(subNetwork, smallNeoX), forwardFlopsPerToken(config));
});
