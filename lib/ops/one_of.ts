import { show } from "../unknown.ts";

/**
 * Checks that an op has the variant that is asked for, since kernels take whatever they do not know for another one.
 *
 * @param list The variants there are.
 * @param what What cannot be done and the argument, as the error begins: `Cannot multiply a [2, 2]: 'form'`.
 * @throws {RangeError} If the value is none of them.
 */
export function oneOf(value: unknown, list: readonly string[], what: string): void {
  if (list.some((known) => known === value)) return;
  throw new RangeError(`${what} must be one of ${list.join(", ")}, found ${show(value)}`);
}
