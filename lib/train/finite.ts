import type { ParameterValues } from "../model/parameters.ts";

/**
 * Names the first value that is infinite or not a number, as `NaN in 'embed_out.weight'`; undefined if all are finite.
 */
export function notFinite(values: ParameterValues): string | undefined {
  for (const [name, array] of values) {
    const found = array.find((value) => !Number.isFinite(value));
    if (found !== undefined) return `${found} in '${name}'`;
  }
}
