/**
 * A student's pass over calibration text, block by block, so that a block can change before the next one reads it.
 *
 * @module
 */

import { Graph } from "../../graph/graph.ts";
import { plan } from "../../graph/plan.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { blockOutput } from "../../model/gpt_neox.ts";
import type { Model } from "../../model/model.ts";
import { declareParameters } from "../../model/pages.ts";

/** What a block makes of the stream. */
interface BlockPass {
  /** What its output projections read, side by side, and a column of ones for the bias: `[tokens, inputs + 1]`. */
  readonly read: Float32Array<ArrayBuffer>;
  /** The stream behind it: `[tokens, width]`. */
  readonly output: Float32Array<ArrayBuffer>;
}

/** Returns the stream before the first block: the rows of the embedding `[vocabulary, width]` that tokens choose. */
export function embedded(
  embedding: Float32Array,
  sequences: readonly (readonly number[])[],
  width: number,
): Float32Array<ArrayBuffer> {
  const tokens = sequences.flat();
  const stream = new Float32Array(tokens.length * width);
  tokens.forEach((token, i) => stream.set(embedding.subarray(token * width, (token + 1) * width), i * width));
  return stream;
}

/**
 * Runs one block.
 *
 * @param stream Before the block: `[tokens, width]`.
 * @param batch Sequences of the text.
 * @param parts Activations that its output projections read: `attention`, `mlp`.
 */
export async function runBlock(
  { device, config, pages, store }: Model,
  layer: number,
  { stream, batch, parts }: {
    readonly stream: Float32Array<ArrayBuffer>;
    readonly batch: number;
    readonly parts: readonly string[];
  },
): Promise<BlockPass> {
  const rows = stream.length / config.width;
  const graph = new Graph();
  const taps = new Map<string, Tensor>();
  const input = graph.input("stream", [rows, config.width]);
  const shape = { batch, sequence: rows / batch };
  const behind = blockOutput(input, declareParameters(graph, pages, "parameters"), config, layer, {
    ...{ ...shape, tap: (name, tensor) => taps.set(name, tensor) },
  });
  const wanted = [behind, ...parts.map((part) => taps.get(`blocks.${layer}.${part}`)!)].map((each) =>
    graph.output(each)
  );
  using program = await device.compile(plan(graph), [store]);
  program.run({ stream });
  const [output, ...read] = await Promise.all(wanted.map((tensor) => program.read(tensor)));
  return { read: sideBySide(read, rows), output: output! };
}

/** Columns of several matrices of as many rows, and a column of ones. */
function sideBySide(parts: readonly Float32Array[], rows: number): Float32Array<ArrayBuffer> {
  const widths = parts.map((part) => part.length / rows);
  const size = widths.reduce((sum, width) => sum + width, 1);
  const all = new Float32Array(rows * size).fill(1);
  for (let row = 0; row < rows; row++) {
    let at = row * size;
    for (const [i, part] of parts.entries()) {
      all.set(part.subarray(row * widths[i]!, (row + 1) * widths[i]!), at);
      at += widths[i]!;
    }
  }
  return all;
}
