/**
 * Views: how one kind of result is shown.
 *
 * @module
 */

import type { Picture } from "../../report/display.ts";
import type { GPTNeoXConfig } from "../../model/config.ts";
import type { FitnessName } from "../../search/sub_network_config.ts";
import type { Peak } from "../../devices/peak.ts";
import { isObject } from "../../unknown.ts";

/** How a result is shown. */
export interface ShowOptions {
  /** Heading. @default {what the result is} */
  readonly title?: string;
  /** Shows the rows of a search as their Pareto front of loss and parameters. @default {"search"} */
  readonly as?: "search" | "front";
  /** What the candidates of a search were judged by. @default {not known: the axis has its unit alone} */
  readonly fitness?: FitnessName;
  /** Shape of a tensor; its product is the number of values. @default {one dimension} */
  readonly shape?: readonly number[];
  /** What a sub-network is one of. @default {not known: sizes are listed, and no map is drawn} */
  readonly teacher?: GPTNeoXConfig;
  /** What the profiled device can do at most, as `measurePeak` finds it. @default {not known: rates are listed} */
  readonly peak?: Peak;
}

/**
 * How one kind of result is shown.
 *
 * @typeParam T The kind.
 */
export interface View<T> {
  /** Tells whether a value is of the kind. */
  readonly accepts: (value: unknown) => boolean;
  /** Draws a value of the kind. */
  readonly draw: (value: T, options: ShowOptions) => Picture;
}

/** Tells whether a value is a list of records of which the last has these fields, as rows of one kind all have. */
export function areRows(value: unknown, fields: readonly string[]): value is readonly Record<string, unknown>[] {
  return Array.isArray(value) && has(value.at(-1), fields);
}

/** Tells whether a value is an object with these fields. */
export function has(value: unknown, fields: readonly string[]): boolean {
  return isObject(value) && fields.every((field) => value[field] !== undefined);
}
