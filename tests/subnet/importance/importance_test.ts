import { assert, assertEquals, assertRejects } from "@std/assert";
import { openDevice } from "../../../lib/devices/mod.ts";
import type { GPTNeoXConfig } from "../../../lib/model/config.ts";
import { capture, lossAndGradients } from "../../../lib/model/forward.ts";
import { Model } from "../../../lib/model/model.ts";
import { parameterSpecs } from "../../../lib/model/parameters.ts";
import { dimensionsOf } from "../../../lib/subnet/dimensions.ts";
import { importanceMethods, importanceOf } from "../../../lib/subnet/importance/mod.ts";
import { largeParameters, randomTokens, relativeError, smallNeoX } from "../../model/small_neox.ts";

const config: GPTNeoXConfig = { ...smallNeoX, layers: 2, width: 24, heads: 3, rotaryFraction: 0.5 };
const { headSize, mlp } = dimensionsOf(config);
const device = await openDevice("cpu");
const model = await Model.create(device, config, largeParameters(config));
Deno.test.afterAll(() => device[Symbol.dispose]());

const tokens = randomTokens(config, 4, config.sequence + 1);
const batches = [tokens.slice(0, 2), tokens.slice(2)];

/** Finds the squared slope of a model's loss along the weights for whose name and index `counts` is true. */
async function slopeOf(model: Model) {
  const weights = await model.parameters();
  const { gradients } = await lossAndGradients(model, tokens);
  const shapes = new Map(parameterSpecs(model.config).map(({ name, shape }) => [name, shape]));
  return (counts: (name: string, row: number, column: number) => boolean) => {
    let sum = 0;
    for (const [name, values] of weights) {
      const columns = shapes.get(name)!.at(-1)!;
      values.forEach((value, i) => {
        const matrix = name.endsWith("weight") && !name.includes("norm");
        const [row, column] = matrix ? [Math.floor(i / columns), i % columns] : [i, i];
        if (counts(name, row, column)) sum += value * gradients.get(name)![i]!;
      });
    }
    return sum ** 2;
  };
}

function close(found: number, expected: number, what: string): void {
  assert(Math.abs(found - expected) <= 1e-4 * expected + 1e-12, `${what}: ${found}, expected ${expected}`);
}

Deno.test("Taylor scores are squared slopes of the loss along each part's own weights", async () => {
  const { layers, width, blocks } = await importanceOf(model, [tokens], "taylor");
  const slope = await slopeOf(model);
  close(layers[1]!, slope((name) => name.startsWith("gpt_neox.layers.1.")), "layer 1");
  const neuron = (name: string, row: number, column: number) =>
    name.startsWith("gpt_neox.layers.0.mlp.") &&
    (name.includes("h_to_4h") ? row === 7 : name.endsWith("4h_to_h.weight") && column === 7);
  close(blocks[0]!.mlp[7]!, slope(neuron), "neuron 7");
  const head = (name: string, row: number, column: number) =>
    name.startsWith("gpt_neox.layers.1.attention.") &&
    (name.includes("query_key_value")
      ? Math.floor(row / (3 * headSize)) === 2
      : name.endsWith("weight") && Math.floor(column / headSize) === 2);
  close(blocks[1]!.groups[2]!, slope(head), "head 2");
  const dim = (name: string, row: number, column: number) =>
    name.startsWith("gpt_neox.layers.1.attention.") &&
    (name.includes("query_key_value") ? row % headSize === 5 : name.endsWith("weight") && column % headSize === 5);
  close(blocks[1]!.headDims[5]!, slope(dim), "dimension 5 of heads");
  const stream = (name: string, row: number, column: number) => {
    if (name.includes("norm") || name.includes("embed")) return column === 3;
    if (name.includes("query_key_value") || name.includes("h_to_4h")) return name.endsWith("weight") && column === 3;
    return row === 3; // what goes back into the residual stream
  };
  close(width[3]!, slope(stream), "dimension 3 of the residual stream");
});

Deno.test("a key and a value that heads share count for their group, and for no head of it", async () => {
  const [heads, queryGroups, size] = [4, 2, 6];
  const shape = { heads, queryGroups, headSize: size, rotary: 4, mlpWidth: 50 };
  const grouped: GPTNeoXConfig = { ...config, blocks: [shape, shape] };
  using model = await Model.create(device, grouped, largeParameters(grouped));
  const { blocks } = await importanceOf(model, [tokens], "taylor");
  const { groups, headsInGroup, headDims } = blocks[1]!;
  assertEquals([groups, headsInGroup, headDims].map(({ length }) => length), [2, 2, 6]);
  const slope = await slopeOf(model);
  /** The slope along the rows of the fused projection and the columns of the output projection with these units. */
  const attention = (fused: (unit: number, dim: number) => boolean, heard: (head: number, dim: number) => boolean) =>
    slope((name, row, column) => {
      if (!name.startsWith("gpt_neox.layers.1.attention.")) return false;
      if (!name.includes("query_key_value")) {
        return name.endsWith("weight") && heard(Math.floor(column / size), column % size);
      }
      const place = name.endsWith("weight") ? row : column;
      return fused(Math.floor(place / size), place % size);
    });
  // Units are the queries of heads 0 to 3, the keys of groups 0 and 1, and their values.
  const second = (head: number) => head === 2 || head === 3;
  close(groups[1]!, attention((unit) => second(unit) || unit === 5 || unit === 7, second), "group 1");
  const odd = (head: number) => head === 1 || head === 3;
  close(headsInGroup[1]!, attention((unit) => unit < 4 && odd(unit), odd), "the second head of each group");
  close(headDims[5]!, attention((_, dim) => dim === 5, (_, dim) => dim === 5), "dimension 5 of heads");

  const [activation, seen] = [
    await importanceOf(model, [tokens], "activation"),
    (await capture(model, tokens.map((row) => row.slice(0, -1)), ["blocks.1.attention"])).get("blocks.1.attention")!,
  ];
  const squares = seen.reduce((sum, x, i) => sum + (second(Math.floor(i % (heads * size) / size)) ? x ** 2 : 0), 0);
  close(activation.blocks[1]!.groups[1]!, squares / (seen.length / heads / size), "outputs of group 1");
});

Deno.test("activation scores are mean squares, and layers count by how far they turn the residual stream", async () => {
  const found = await importanceOf(model, batches, "activation");
  const inputs = tokens.map((row) => row.slice(0, -1));
  const seen = await capture(model, inputs, [
    "blocks.1.input",
    "blocks.1.attention",
    "blocks.1.mlp",
    "blocks.1.output",
  ]);
  const positions = inputs.length * config.sequence;
  const column = (name: string, columns: number, counts: (column: number) => boolean) =>
    seen.get(name)!.reduce((sum, value, i) => sum + (counts(i % columns) ? value ** 2 : 0), 0) / positions;
  const expected = [
    column("blocks.1.mlp", mlp, (c) => c === 4),
    column("blocks.1.attention", config.width, (c) => Math.floor(c / headSize) === 2),
    column("blocks.1.attention", config.width, (c) => c % headSize === 1),
  ];
  const { blocks: [, block] } = found;
  const scores = [block!.mlp[4]!, block!.groups[2]!, block!.headDims[1]!];
  assert(relativeError(scores, expected) < 1e-5, `${scores}, expected ${expected}`);

  const [before, after] = [seen.get("blocks.1.input")!, seen.get("blocks.1.output")!];
  let turned = 0;
  for (let row = 0; row < positions; row++) {
    const part = (values: Float32Array) => [...values.slice(row * config.width, (row + 1) * config.width)];
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    const [a, b] = [part(before), part(after)];
    turned += (1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))) / positions;
  }
  assert(Math.abs(found.layers[1]! - turned) < 1e-5, `${found.layers[1]}, expected ${turned}`);
});

Deno.test("scores have one number for each part of the teacher, the same however text is split into batches", async () => {
  for (const method of Object.keys(importanceMethods) as (keyof typeof importanceMethods)[]) {
    const { layers, width, blocks } = await importanceOf(model, batches, method);
    assertEquals([layers.length, width.length, blocks.length], [2, 24, 2]);
    const { groups, headsInGroup, headDims, mlp } = blocks[0]!;
    assertEquals([groups, headsInGroup, headDims, mlp].map(({ length }) => length), [3, 1, 8, 50]);
  }
  const [halves, whole] = [
    await importanceOf(model, batches, "activation"),
    await importanceOf(model, [tokens], "activation"),
  ];
  assert(relativeError(halves.width, whole.width) < 1e-6);
});

Deno.test("importance without calibration text is refused", async () => {
  await assertRejects(
    () => importanceOf(model, []),
    RangeError,
    "there must be batches of calibration text, found none",
  );
});
