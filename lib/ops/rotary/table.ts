import type { Graph } from "../../graph/graph.ts";
import { sharedConstant } from "../../graph/shared_constant.ts";
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

/**
 * Returns the cosines and sines of a graph's rotary embeddings as a constant `[sequence, 2, pairs]`; layers
 * share it.
 *
 * The host computes them in double precision: a driver's sine of a large 32-bit angle can be off by more than 1e-4.
 */
export function rotaryTable(graph: Graph, { sequence, offset, exponents, base }: RotaryTable): Tensor {
  const pairs = exponents.length;
  const name = `rotary.${[sequence, offset, base, ...exponents].join("_")}`;
  return sharedConstant(graph, name, [sequence, 2, pairs], () => {
    const data = new Float32Array(sequence * 2 * pairs);
    for (let t = 0; t < sequence; t++) {
      exponents.forEach((exponent, i) => {
        const angle = (offset + t) * Math.pow(base, -exponent);
        data[2 * t * pairs + i] = Math.cos(angle);
        data[(2 * t + 1) * pairs + i] = Math.sin(angle);
      });
    }
    return data;
  });
}
