import type { Graph } from "../../graph/graph.ts";
import type { Tensor } from "../define.ts";

/** Which angles a table holds. */
interface RotaryTable {
  /** Positions. */
  readonly sequence: number;
  /** The first position. */
  readonly offset: number;
  /** Exponents of the frequencies, one for each pair of rotated dimensions. */
  readonly exponents: readonly number[];
  /** Base of the wavelengths. */
  readonly base: number;
}

const tables = new WeakMap<Graph, Map<string, Tensor>>();

/**
 * Returns the cosines and sines of a graph's rotary embeddings as a constant `[sequence, 2, pairs]`; layers
 * share it.
 *
 * The host computes them in double precision: a driver's sine of a large 32-bit angle can be off by more than 1e-4.
 */
export function rotaryTable(graph: Graph, { sequence, offset, exponents, base }: RotaryTable): Tensor {
  const ofGraph = tables.get(graph) ?? new Map<string, Tensor>();
  tables.set(graph, ofGraph);
  const name = `rotary.${[sequence, offset, base, ...exponents].join("_")}`;
  const known = ofGraph.get(name);
  if (known) return known;

  const pairs = exponents.length;
  const data = new Float32Array(sequence * 2 * pairs);
  for (let t = 0; t < sequence; t++) {
    exponents.forEach((exponent, i) => {
      const angle = (offset + t) * Math.pow(base, -exponent);
      data[2 * t * pairs + i] = Math.cos(angle);
      data[(2 * t + 1) * pairs + i] = Math.sin(angle);
    });
  }
  const table = graph.constant(name, [sequence, 2, pairs], data);
  ofGraph.set(name, table);
  return table;
}
