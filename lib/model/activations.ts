/**
 * Activations by name.
 *
 * @module
 */

import { Graph } from "../graph/graph.ts";
import type { GPTNeoXConfig } from "./config.ts";
import { hiddenStates } from "./gpt_neox.ts";
import { declareParameters, pagesOf } from "./pages.ts";

/** Values that a model has computed on the way. */
export interface ActivationValues {
  /** `[batch * sequence, size]`. */
  readonly shape: readonly [rows: number, size: number];
  /** Row-major. */
  readonly values: Float32Array<ArrayBuffer>;
}

/**
 * Lists the names under which a model's activations can be captured: those of `Tap`, `embedding` for the stream before
 * the first block, and `blocks.3` for the stream behind block 3.
 */
export function activationNames(config: GPTNeoXConfig): string[] {
  const graph = new Graph();
  const names: string[] = [];
  const parameters = declareParameters(graph, pagesOf(config), "parameters");
  const tokens = graph.input("tokens", [1], "u32");
  hiddenStates(tokens, parameters, config, { batch: 1, sequence: 1, tap: (name) => void names.push(name) });
  const blocks = Array.from({ length: config.layers }, (_, layer) => `blocks.${layer}`);
  return ["embedding", ...blocks, ...names];
}

/** Puts shapes beside captured values. */
export function activationsOf(
  values: ReadonlyMap<string, Float32Array<ArrayBuffer>>,
  rows: number,
): ReadonlyMap<string, ActivationValues> {
  return new Map(
    Array.from(values, ([name, values]) => [name, { shape: [rows, values.length / rows] as const, values }]),
  );
}

/** Returns the name in `Tap` of an activation that may have a shorter one. */
export function tapNameOf(name: string): string {
  if (name === "embedding") return "blocks.0.input";
  return /^blocks\.\d+$/.test(name) ? `${name}.output` : name;
}

/**
 * Checks names before anything is computed.
 *
 * @throws {RangeError} For the first that is none, with those there are.
 */
export function checkActivationNames(names: readonly string[], config: GPTNeoXConfig): void {
  const known = activationNames(config);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined && names.length > 0) return;
  const shown = known.filter((name) => !/^blocks\.[1-9]/.test(name)).join(", ");
  const more = config.layers > 1 ? `, and of blocks.1 to blocks.${config.layers - 1} the same as of blocks.0` : "";
  throw new RangeError(`Cannot capture ${show(unknown)}: the model has the activations ${shown}${more}`);
}

function show(name: string | undefined): string {
  return name === undefined ? "nothing" : `'${name}'`;
}
