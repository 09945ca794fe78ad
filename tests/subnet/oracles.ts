/**
 * What students are compared with: weights picked one value at a time, and teachers with zeros for what is lost.
 *
 * @module
 */

import { blockShapes } from "../../lib/model/blocks.ts";
import type { GPTNeoXConfig } from "../../lib/model/config.ts";
import type { ParameterValues } from "../../lib/model/parameters.ts";
import type { SubBlock, SubNetwork } from "../../lib/subnet/sub_network.ts";
import { upTo } from "./random_sub_network.ts";

/** The teacher that a student is cut from: its shape, the same in all layers, and its weights. */
export interface Teacher {
  readonly config: GPTNeoXConfig;
  readonly weights: ParameterValues;
}

/** Where values of heads stand in a layer of the teacher, read off the words that describe the layouts. */
function placesIn(config: GPTNeoXConfig) {
  const { heads, queryGroups = heads, headSize: size, mlpWidth } = blockShapes(config)[0]!;
  const perGroup = heads / queryGroups;
  const own = perGroup === 1;
  return {
    ...{ heads, perGroup, groups: queryGroups, size, mlpWidth },
    attended: (head: number, dim: number) => head * size + dim,
    query: (head: number, dim: number) => (own ? 3 * head : head) * size + dim,
    key: (group: number, dim: number) => (own ? 3 * group + 1 : heads + group) * size + dim,
    value: (group: number, dim: number) => (own ? 3 * group + 2 : heads + queryGroups + group) * size + dim,
  };
}

/** Which rows of the teacher's fused projection a student's are, in the student's order. */
function fusedRows({ groups, headsInGroup, headDims }: SubBlock, config: GPTNeoXConfig): number[] {
  const { perGroup, query, key, value } = placesIn(config);
  const rows: number[] = [];
  const add = (row: (of: number, dim: number) => number, of: number) =>
    headDims.forEach((dim) => rows.push(row(of, dim)));
  if (headsInGroup.length === 1) {
    for (const group of groups) {
      add(query, group * perGroup + headsInGroup[0]!);
      add(key, group);
      add(value, group);
    }
  } else {
    for (const group of groups) for (const head of headsInGroup) add(query, group * perGroup + head);
    for (const group of groups) add(key, group);
    for (const group of groups) add(value, group);
  }
  return rows;
}

/**
 * The student's weights by the definition of a Hugging Face folder, one value at a time: where value `[row, column]` of
 * a student's parameter stands in the teacher's.
 */
export function sliced({ config, weights }: Teacher, { layers, width, blocks }: SubNetwork): ParameterValues {
  const { perGroup, attended, mlpWidth, heads, size } = placesIn(config);
  const result: ParameterValues = new Map();
  const put = (to: string, from: string, rows: readonly number[], columns: readonly number[], stride: number) => {
    const values = weights.get(from)!;
    result.set(to, Float32Array.from(rows.flatMap((row) => columns.map((column) => values[row * stride + column]!))));
  };
  const vector = (to: string, from: string, places: readonly number[]) => put(to, from, [0], places, 0);
  const all = upTo(config.vocabularySize);
  put("gpt_neox.embed_in.weight", "gpt_neox.embed_in.weight", all, width, config.width);
  layers.forEach((layer, i) => {
    const { groups, headsInGroup, headDims, mlp } = blocks[i]!;
    const to = `gpt_neox.layers.${i}`, from = `gpt_neox.layers.${layer}`;
    const heard = groups.flatMap((group) =>
      headsInGroup.flatMap((head) => headDims.map((dim) => attended(group * perGroup + head, dim)))
    );
    for (const norm of ["input_layernorm", "post_attention_layernorm"]) {
      for (const kind of ["weight", "bias"]) vector(`${to}.${norm}.${kind}`, `${from}.${norm}.${kind}`, width);
    }
    const matrix = (name: string, outputs: readonly number[], inputs: readonly number[], stride: number) => {
      put(`${to}.${name}.weight`, `${from}.${name}.weight`, outputs, inputs, stride);
      vector(`${to}.${name}.bias`, `${from}.${name}.bias`, outputs);
    };
    matrix("attention.query_key_value", fusedRows(blocks[i]!, config), width, config.width);
    matrix("attention.dense", width, heard, heads * size);
    matrix("mlp.dense_h_to_4h", mlp, width, config.width);
    matrix("mlp.dense_4h_to_h", width, mlp, mlpWidth);
  });
  for (const kind of ["weight", "bias"]) {
    vector(`gpt_neox.final_layer_norm.${kind}`, `gpt_neox.final_layer_norm.${kind}`, width);
  }
  put("embed_out.weight", "embed_out.weight", all, width, config.width);
  return result;
}

/** The teacher's weights with zeros where a sub-network of full width keeps nothing. */
export function zeroed({ config, weights }: Teacher, { layers, blocks }: SubNetwork): ParameterValues {
  const { width } = config;
  const { heads, groups, perGroup, size, mlpWidth, attended, query, key, value } = placesIn(config);
  const result = new Map([...weights].map(([name, values]) => [name, values.slice()]));
  for (let layer = 0; layer < config.layers; layer++) {
    const get = (name: string) => result.get(`gpt_neox.layers.${layer}.${name}`)!;
    const block = blocks[layers.indexOf(layer)];
    if (!block) {
      for (const name of ["attention.dense", "mlp.dense_4h_to_h"]) {
        for (const kind of ["weight", "bias"]) get(`${name}.${kind}`).fill(0);
      }
      continue;
    }
    const clearRow = (row: number) => {
      get("attention.query_key_value.weight").fill(0, row * width, (row + 1) * width);
      get("attention.query_key_value.bias")[row] = 0;
    };
    const clearColumn = (name: string, column: number, columns: number) => {
      for (let row = 0; row < width; row++) get(`${name}.weight`)[row * columns + column] = 0;
    };
    for (let dim = 0; dim < size; dim++) {
      const lost = !block.headDims.includes(dim);
      for (let head = 0; head < heads; head++) {
        const gone = !block.groups.includes(Math.floor(head / perGroup)) ||
          !block.headsInGroup.includes(head % perGroup);
        // Queries and keys of a lost dimension no longer meet, and its value goes nowhere.
        if (lost || gone) clearRow(query(head, dim));
        // A lost head still hears values that others of its group need.
        if (gone) clearColumn("attention.dense", attended(head, dim), heads * size);
      }
      for (let group = 0; group < groups; group++) {
        if (block.groups.includes(group) && !lost) continue;
        clearRow(key(group, dim));
        clearRow(value(group, dim));
      }
    }
    for (let neuron = 0; neuron < mlpWidth; neuron++) {
      if (!block.mlp.includes(neuron)) clearColumn("mlp.dense_4h_to_h", neuron, mlpWidth);
    }
  }
  return result;
}
