/**
 * The values of a tensor, or of several by name.
 *
 * @module
 */

import { sizeOf } from "../../graph/tensor.ts";
import { cardOf } from "../../report/card.ts";
import { tensorChart } from "../../report/tensor_chart.ts";
import { summarise } from "../../report/tensor_summary.ts";
import { formatCount } from "../../units.ts";
import type { View } from "./view.ts";

/** A tensor's values, as they are read from a device. */
export type TensorValues = Float32Array | Uint32Array;

/** How often values occur and, for a matrix, where. */
export const tensorView: View<TensorValues> = {
  accepts: isTensor,
  draw: (values, { title = "Tensor", shape = [values.length] }) => {
    if (sizeOf(shape) !== values.length) {
      throw new RangeError(
        `Cannot show the tensor: 'shape' must have ${values.length} elements, the number of values, found [${shape}]`,
      );
    }
    const text = `${typeOf(values)} [${shape.join(", ")}], ${describe(values)}`;
    return { svg: tensorChart(values, shape, { title }), text: `${title}: ${text}` };
  },
};

/** A line for each of several tensors, as `capture` and `model.parameters()` give them. */
export const tensorsView: View<ReadonlyMap<string, TensorValues>> = {
  accepts: (value) => value instanceof Map && value.size > 0 && [...value.values()].every(isTensor),
  draw: (tensors, { title = "Tensors" }) =>
    cardOf({
      title: `${title}: ${formatCount(tensors.size)}`,
      lines: [...tensors].map(([name, values]) => [name, `${formatCount(values.length)} values, ${describe(values)}`]),
    }),
};

function isTensor(value: unknown): boolean {
  return (value instanceof Float32Array || value instanceof Uint32Array) && value.length > 0;
}

function typeOf(values: TensorValues): string {
  return values instanceof Float32Array ? "float32" : "uint32";
}

function describe(values: TensorValues): string {
  const { least, most, mean, deviation, notFinite } = summarise(values);
  const numbers = `${least.toPrecision(4)} to ${most.toPrecision(4)}, mean ${mean.toPrecision(3)} ± ${
    deviation.toPrecision(3)
  }`;
  return notFinite > 0 ? `${numbers}, ${formatCount(notFinite)} not finite` : numbers;
}
