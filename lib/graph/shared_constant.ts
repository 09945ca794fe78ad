/**
 * Constants that several nodes of a graph share.
 *
 * @module
 */

import type { ConstantData, Graph } from "./graph.ts";
import type { Tensor } from "./tensor.ts";

const shared = new WeakMap<Graph, Map<string, Tensor>>();

/**
 * Returns the constant that was made in a graph under this name, or makes it.
 *
 * @param name Says all that its values depend on.
 */
export function sharedConstant(
  graph: Graph,
  name: string,
  shape: readonly number[],
  values: () => ConstantData,
): Tensor {
  const ofGraph = shared.get(graph) ?? new Map<string, Tensor>();
  shared.set(graph, ofGraph);
  const known = ofGraph.get(name);
  if (known) return known;
  const made = graph.constant(name, shape, values());
  ofGraph.set(name, made);
  return made;
}
