/**
 * The shapes that are measured, by name or by their sizes.
 *
 * @module
 */

import { preset } from "../../lib/model/presets.ts";
import { checkConfig, type GPTNeoXConfig } from "../../lib/model/config.ts";
import type { Shape } from "./peers/mod.ts";

/** A shape and what it is called in the results. */
export interface NamedShape {
  readonly name: string;
  readonly shape: Shape;
}

/** The shapes that have a name: `A` is that of the main job, `B` has five times its weights and twice its tokens. */
export const shapes = {
  A: { vocab: 2048, width: 128, layers: 4, heads: 4, batch: 8, seq: 128 },
  B: { vocab: 4096, width: 256, layers: 6, heads: 8, batch: 8, seq: 256 },
} as const satisfies Record<string, Shape>;

const order = ["vocab", "width", "layers", "heads", "batch", "seq"] as const satisfies (keyof Shape)[];

/** Matches what {@linkcode parseShape} reads. */
export const shapePattern = `${Object.keys(shapes).join("|")}|[1-9]\\d*(?:x[1-9]\\d*){5}`;

/** Reads a shape's name, or its sizes: `320x16x2x2x2x16` for vocabulary, width, layers, heads, batch and sequence. */
export function parseShape(name: string): NamedShape {
  if (Object.hasOwn(shapes, name)) return { name, shape: shapes[name as keyof typeof shapes] };
  const sizes = name.split("x").map(Number);
  return { name, shape: Object.fromEntries(order.map((size, i) => [size, sizes[i]])) as Record<keyof Shape, number> };
}

/**
 * The model of a shape: all but its sizes is as in the default run.
 *
 * @throws {RangeError} If the heads do not divide the width, or a head is too small for the rotary embedding.
 */
export function modelOf({ vocab, width, layers, heads, seq }: Shape): GPTNeoXConfig {
  const sizes = { vocabularySize: vocab, width, layers, heads, mlpWidth: 4 * width, sequence: seq };
  return checkConfig({ ...preset("small").config, ...sizes });
}
