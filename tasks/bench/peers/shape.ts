/**
 * The model and the batch of a measured training step, the same for Offshoot and for its peers.
 *
 * @module
 */

import { parseArgs } from "@std/cli";

/** The sizes of a GPT and of the batch that it is trained on. */
export interface Shape {
  /** Entries of the vocabulary. */
  readonly vocab: number;
  /** Width of the residual stream. */
  readonly width: number;
  /** Transformer blocks. */
  readonly layers: number;
  /** Attention heads a block; they divide the width. */
  readonly heads: number;
  /** Sequences a step. */
  readonly batch: number;
  /** Tokens a sequence. */
  readonly seq: number;
}

const names = ["vocab", "width", "layers", "heads", "batch", "seq"] as const satisfies (keyof Shape)[];

/** Writes a shape and a number of steps as the flags that every peer takes. */
export function shapeFlags(shape: Shape, steps: number): string[] {
  return [...names.map((name) => `--${name}=${shape[name]}`), `--steps=${steps}`];
}

/**
 * Reads the flags that {@linkcode shapeFlags} writes.
 *
 * @throws {RangeError} If one is missing or is not a positive integer.
 */
export function parseShapeFlags(args: string[]): { shape: Shape; steps: number } {
  const flags = parseArgs(args, { string: [...names, "steps"] });
  const read = (name: typeof names[number] | "steps"): number => {
    const value = Number(flags[name]);
    if (Number.isInteger(value) && value > 0) return value;
    throw new RangeError(`Cannot read --${name}: must be a positive integer, found '${flags[name] ?? "nothing"}'`);
  };
  const shape = Object.fromEntries(names.map((name) => [name, read(name)])) as Record<keyof Shape, number>;
  if (shape.width % shape.heads === 0) return { shape, steps: read("steps") };
  throw new RangeError(`Cannot read --heads: must divide the width ${shape.width}, found ${shape.heads}`);
}
