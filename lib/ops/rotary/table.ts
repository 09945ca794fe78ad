import type { Graph } from "../../graph/graph.ts";
import type { Tensor } from "../define.ts";

/** Which angles a table holds. */
interface RotaryTable {
  /** Positions. */
  readonly sequence: number;
  /** The first position. */
  readonly offset: number;
  /** Rotated dimensions of a head; even. */
  readonly dimensions: number;
  /** Base of the wavelengths. */
  readonly base: number;
}

const tables = new WeakMap<Graph, Map<string, Tensor>>();

/**
 * Returns the cosines and sines of a graph's rotary embeddings as a constant `[sequence, 2, dimensions / 2]`; layers
 * share it.
 *
 * The host computes them in double precision: a driver's sine of a large 32-bit angle can be off by more than 1e-4.
 */
export function rotaryTable(graph: Graph, { sequence, offset, dimensions, base }: RotaryTable): Tensor {
  const ofGraph = tables.get(graph) ?? new Map<string, Tensor>();
  tables.set(graph, ofGraph);
  const name = `rotary.${[sequence, offset, dimensions, base].join("_")}`;
  const known = ofGraph.get(name);
  if (known) return known;

  const half = dimensions / 2;
  const data = new Float32Array(sequence * dimensions);
  for (let t = 0; t < sequence; t++) {
    for (let i = 0; i < half; i++) {
      const angle = (offset + t) * Math.pow(base, -2 * i / dimensions);
      data[t * dimensions + i] = Math.cos(angle);
      data[t * dimensions + half + i] = Math.sin(angle);
    }
  }
  const table = graph.constant(name, [sequence, 2, half], data);
  ofGraph.set(name, table);
  return table;
}
