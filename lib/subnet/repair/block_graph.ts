/**
 * One block of a student as a graph that leaves only small matrices to read.
 *
 * @module
 */

import { Graph } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { blockOutput } from "../../model/gpt_neox.ts";
import type { Model } from "../../model/model.ts";
import { declareParameters } from "../../model/pages.ts";
import { add, axpy } from "../../ops/add/mod.ts";
import { embedding } from "../../ops/embedding/mod.ts";
import { scatterAdd } from "../../ops/gather/mod.ts";
import { linear, matmul } from "../../ops/matmul/mod.ts";
import { zeros } from "../../ops/zeros/mod.ts";

/** Prefix of the store that the block before left. */
export const BEFORE = "before";

/** The text that a block reads, and what is refitted of it. */
export interface BlockText {
  /** Sequences of the text. */
  readonly batch: number;
  /** Tokens of all of them. */
  readonly rows: number;
  /** Activations that its refitted projections read: `attention`, `mlp`. */
  readonly parts: readonly string[];
}

/** A block, and the normal equations of the change that makes up best for what its stream lacks. */
export interface BlockGraph {
  readonly graph: Graph;
  /** Columns of what the projections read, side by side, and one of ones for the bias. */
  readonly size: number;
  /** Products of these columns with each other: `[size, size]`. */
  readonly gram: Tensor;
  /** Products of these columns with what is missing: `[size, width]`. */
  readonly cross: Tensor;
  /** The student's parameters, by Hugging Face name. */
  readonly parameters: ReadonlyMap<string, Tensor>;
}

/**
 * Records a block. Inputs: `wanted`, `[rows, width]`, what the stream behind it should be; for the first block the u32
 * `tokens`, `[rows]`; for others the `change`, `[width, before]`, of the projections of the block before, whose stream
 * it changes. All but the last leave what the next one needs in the state tensors `read`, `[rows, size]`, and `output`,
 * `[rows, width]`, which must be zeros before the run.
 *
 * @param before Columns that the block before read; none for the first block.
 */
export function blockGraph(
  { config, pages }: Model,
  layer: number,
  { batch, rows, parts }: BlockText,
  before: number | undefined,
): BlockGraph {
  const { width } = config;
  const graph = new Graph();
  const parameters = declareParameters(graph, pages, "parameters");
  const taps = new Map<string, Tensor>();
  const stream = before === undefined
    ? embedding(graph.input("tokens", [rows], "u32"), parameters.get("gpt_neox.embed_in.weight")!)
    // The change is linear: the block before need not run again.
    : linear(graph.persistent(`${BEFORE}.read`, [rows, before], "state"), graph.input("change", [width, before]), {
      residual: graph.persistent(`${BEFORE}.output`, [rows, width], "state"),
    });
  const output = blockOutput(stream, parameters, config, layer, {
    ...{ batch, sequence: rows / batch, tap: (name, tensor) => taps.set(name, tensor) },
  });
  const columns = [
    ...parts.map((part) => taps.get(`blocks.${layer}.${part}`)!),
    graph.constant("ones", [rows, 1], new Float32Array(rows).fill(1)),
  ];
  const size = columns.reduce((sum, part) => sum + part.size / rows, 0);
  const isLast = layer === config.layers - 1;
  const read = isLast ? zeros(graph, [rows, size]) : graph.persistent("read", [rows, size], "state");
  putSideBySide(read, columns, rows);
  if (!isLast) axpy(graph.persistent("output", [rows, width], "state"), output);
  const missing = add(graph.input("wanted", [rows, width]), output, -1);
  return {
    ...{ graph, size, parameters },
    gram: graph.output(matmul(read, read, { form: "TN" })),
    cross: graph.output(matmul(read, missing, { form: "TN" })),
  };
}

/** Adds matrices of as many rows to the columns of another, one after the other. */
function putSideBySide(into: Tensor, parts: readonly Tensor[], rows: number): void {
  let first = 0;
  for (const [i, part] of parts.entries()) {
    const width = part.size / rows;
    const places = Uint32Array.from({ length: width }, (_, column) => first + column);
    scatterAdd(into, part, { columns: into.graph.constant(`places.${i}`, [width], places) });
    first += width;
  }
}
