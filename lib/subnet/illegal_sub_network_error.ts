/**
 * The refusal of what is no sub-network of a teacher.
 *
 * @module
 */

import { show } from "../unknown.ts";

/** Says which part of a sub-network breaks which rule. */
export class IllegalSubNetworkError extends RangeError {
  /** Tells this class apart where `instanceof` cannot. */
  override readonly name = "IllegalSubNetworkError";
  /** The part, such as `blocks[2].mlp[5]`; `subNetwork` is the whole. */
  readonly argument: string;
  /** What it must be, as a phrase. */
  readonly rule: string;
  /** What it is instead. */
  readonly found: unknown;

  /**
   * Makes the error of one part.
   *
   * @param wayOut What mends it, where that is not plain from the rule.
   */
  constructor(argument: string, rule: string, found: unknown, wayOut?: string) {
    const fault = `Cannot use this sub-network: '${argument}' must be ${rule}, found ${show(found)}`;
    super(wayOut ? `${fault}; ${wayOut}` : fault);
    this.argument = argument;
    this.rule = rule;
    this.found = found;
  }
}
