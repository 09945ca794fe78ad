/**
 * A model whose blocks have shapes of their own as one that any reader of Hugging Face folders opens.
 *
 * @module
 */

import { sizeOf } from "../graph/tensor.ts";
import type { BlockShape } from "../model/block_shape.ts";
import { blockShapes } from "../model/blocks.ts";
import { checkConfig, type GPTNeoXConfig, rotaryFractionOf } from "../model/config.ts";
import { parameterSpecs, type ParameterValues } from "../model/parameters.ts";
import { range } from "./combinations.ts";
import { type HostModel, multiHead } from "./multi_head.ts";
import { parameterPicks, pickLists } from "./picks.ts";
import type { SubNetwork } from "./sub_network.ts";

/**
 * Returns the smallest shape without blocks of their own in which a model fits, padded with zeros.
 *
 * @throws {RangeError} If heads of no size both divide the width and hold all that a block has.
 */
export function uniformConfig(config: GPTNeoXConfig): GPTNeoXConfig {
  const blocks = blockShapes(config);
  const most = (size: (block: BlockShape) => number) => Math.max(...blocks.map(size));
  const rotary = commonRotary(blocks);
  const heads = most((block) => block.heads);
  const smallest = rotary + most((block) => block.headSize - block.rotary);
  const { blocks: _, width, ...rest } = config;
  for (let size = smallest; heads * size <= width; size++) {
    if (width % size !== 0) continue;
    const shape = { heads: width / size, mlpWidth: most((block) => block.mlpWidth) };
    return checkConfig({ ...rest, ...shape, width, rotaryFraction: rotaryFractionOf(rotary, size) });
  }
  throw new RangeError(
    `Cannot make all blocks alike: ${heads} heads of at least ${smallest} dimensions must fit the width, which Hugging ` +
      `Face's config.json divides among them, found ${width}; keep more width, or fewer heads or dimensions of a head`,
  );
}

/**
 * Pads a model with zeros until its blocks are alike, in the smallest shape that holds them: heads of zeros reach
 * nothing, no more do neurons of zeros, and pairs or dimensions of zeros add nothing to scores. Where padded heads would
 * scale scores in another way than those of the model, queries make up for it. Heads that share keys and values get
 * copies of them, as Hugging Face's GPT-NeoX has a key and a value for each head.
 *
 * @returns A model without blocks of their own, with the same logits.
 * @throws {RangeError} If there is no such shape.
 */
export function uniform(model: HostModel): HostModel {
  const { config, parameters } = multiHead(model);
  if (!config.blocks) return model;
  const padded = uniformConfig(config);
  const { width } = config;
  const [{ headSize, rotary }] = blockShapes(padded) as [BlockShape];
  const within: SubNetwork = {
    layers: range(config.layers),
    width: range(width),
    blocks: config.blocks.map((block) => ({
      groups: range(block.heads),
      headsInGroup: [0],
      headDims: placesOf(block, rotary),
      mlp: range(block.mlpWidth),
    })),
  };
  const result = scattered(padded, within, { config, parameters });
  config.blocks.forEach((block, layer) => {
    const factor = (block.scale ?? 1 / Math.sqrt(block.headSize)) * Math.sqrt(headSize);
    scaleQueries(result, `gpt_neox.layers.${layer}.attention.query_key_value`, { width, headSize }, factor);
  });
  return { config: padded, parameters: result };
}

/** The least number of rotated dimensions among whose frequencies those of all blocks are. */
function commonRotary(blocks: readonly BlockShape[]): number {
  const largest = Math.max(...blocks.map(({ rotary }) => rotary));
  for (let rotary = largest;; rotary += 2) {
    if (blocks.every((block) => exponentsOf(block).every((exponent) => pairOf(exponent, rotary) !== undefined))) {
      return rotary;
    }
    if (rotary > LONGEST_ROTARY) {
      throw new RangeError(
        "Cannot make all blocks alike: the rotary frequencies of all blocks must be among those of one embedding, as " +
          `Hugging Face's config.json names no others, found none of up to ${LONGEST_ROTARY} dimensions`,
      );
    }
  }
}

/** More than any head has. */
const LONGEST_ROTARY = 4096;

function exponentsOf({ rotary, exponents }: BlockShape): readonly number[] {
  return exponents ?? range(rotary / 2).map((pair) => 2 * pair / rotary);
}

/** The pair of an embedding of `rotary` dimensions that has this exponent, if there is one. */
function pairOf(exponent: number, rotary: number): number | undefined {
  const pair = Math.round(exponent * rotary / 2);
  return pair < rotary / 2 && 2 * pair / rotary === exponent ? pair : undefined;
}

/** Where a block's dimensions of a head stand among those of a padded head. */
function placesOf(block: BlockShape, rotary: number): number[] {
  const pairs = exponentsOf(block).map((exponent) => pairOf(exponent, rotary)!);
  const passed = range(block.headSize - block.rotary).map((dim) => rotary + dim);
  return [...pairs, ...pairs.map((pair) => rotary / 2 + pair), ...passed];
}

/** The parameters of a larger model that are zeros but where a sub-network of it has these values. */
function scattered(larger: GPTNeoXConfig, within: SubNetwork, { config, parameters }: HostModel): ParameterValues {
  const lists = pickLists(within, larger);
  const shapes = new Map(parameterSpecs(larger).map(({ name, shape }) => [name, shape]));
  const result: ParameterValues = new Map(
    [...shapes].map(([name, shape]) => [name, new Float32Array(sizeOf(shape))]),
  );
  for (const { to, from, rows, columns } of parameterPicks(config, within.layers)) {
    const values = parameters.get(to)!, target = result.get(from)!;
    const stride = shapes.get(from)!.at(-1)!, width = lists[columns]!.length;
    for (let i = 0; i < values.length; i++) {
      const row = Math.floor(i / width);
      target[(rows === undefined ? row : lists[rows]![row]!) * stride + lists[columns]![i % width]!] = values[i]!;
    }
  }
  return result;
}

/** Multiplies the rows of queries in a fused projection. */
function scaleQueries(
  parameters: ParameterValues,
  name: string,
  { width, headSize }: { readonly width: number; readonly headSize: number },
  factor: number,
): void {
  if (factor === 1) return;
  const rowWidth = { weight: width, bias: 1 };
  for (const kind of ["weight", "bias"] as const) {
    const values = parameters.get(`${name}.${kind}`) ?? new Float32Array();
    for (let i = 0; i < values.length; i++) {
      const row = Math.floor(i / rowWidth[kind]);
      if (row % (3 * headSize) < headSize) values[i]! *= factor;
    }
  }
}
