/**
 * Results that a notebook declares.
 *
 * @module
 */

import { show } from "../unknown.ts";

/** The MIME type under which a cell declares a result. */
export const RESULT_TYPE = "application/vnd.offshoot.result+json";

/** A number or a text, such as a hash, that a notebook stands for. */
export interface DeclaredResult {
  /** What it is called; one result of a notebook has the name. */
  readonly name: string;
  /** What was found. */
  readonly value: number | string;
  /** How far another number may be away, in the unit of the value; 0 asks for the same bits. */
  readonly tolerance: number;
}

/**
 * Checks the parts of a result and puts them together.
 *
 * @throws {RangeError} If the name is empty, the number not finite, or the tolerance no distance; a text has none.
 */
export function declared(name: string, value: number | string, tolerance = 0): DeclaredResult {
  if (typeof name !== "string" || name.trim() === "") {
    throw new RangeError(`Cannot declare a result: its name must be text that is not empty, found ${show(name)}`);
  }
  const refuse = (rule: string, found: unknown): never => {
    throw new RangeError(`Cannot declare the result '${name}': ${rule}, found ${show(found)}`);
  };
  const isText = typeof value === "string";
  if (!isText && !Number.isFinite(value)) refuse("it must be a finite number or text", value);
  if (!(Number.isFinite(tolerance) && tolerance >= 0)) {
    refuse("its tolerance must be a number of at least 0", tolerance);
  }
  if (isText && tolerance !== 0) refuse("text must be the same, so its tolerance must be 0", tolerance);
  return { name, value, tolerance };
}

/**
 * Reads a result that came as JSON.
 *
 * @throws {RangeError} As {@linkcode declared} does.
 */
export function parseResult(json: unknown): DeclaredResult {
  const { name, value, tolerance } = (json ?? {}) as Partial<DeclaredResult>;
  return declared(name!, value!, tolerance);
}

/** Writes a result for people: `loss = 3.33 (within 0.01)`. */
export function describeResult({ name, value, tolerance }: DeclaredResult): string {
  return `${name} = ${value}${tolerance > 0 ? ` (within ${tolerance})` : ""}`;
}
