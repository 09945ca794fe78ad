import { assert, assertEquals, assertRejects } from "@std/assert";
import { openDevice } from "../../../lib/devices/mod.ts";
import type { GPTNeoXConfig } from "../../../lib/model/config.ts";
import { capture, lossAndGradients } from "../../../lib/model/forward.ts";
import { Model } from "../../../lib/model/model.ts";
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

Deno.test("Taylor scores are squared slopes of the loss along each part's own weights", async () => {
  const { layers, width, blocks } = await importanceOf(model, [tokens], "taylor");
  const weights = await model.parameters();
  const { gradients } = await lossAndGradients(model, tokens);
  /** The slope along the weights for whose name and index `counts` is true. */
  const slope = (counts: (name: string, row: number, column: number) => boolean) => {
    let sum = 0;
    for (const [name, values] of weights) {
      const columns = name.endsWith("4h_to_h.weight") ? mlp : config.width;
      values.forEach((value, i) => {
        const matrix = name.endsWith("weight") && !name.includes("norm");
        const [row, column] = matrix ? [Math.floor(i / columns), i % columns] : [i, i];
        if (counts(name, row, column)) sum += value * gradients.get(name)![i]!;
      });
    }
    return sum ** 2;
  };
  const close = (found: number, expected: number, what: string) =>
    assert(Math.abs(found - expected) <= 1e-4 * expected + 1e-12, `${what}: ${found}, expected ${expected}`);

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
