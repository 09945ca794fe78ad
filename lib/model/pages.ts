/**
 * How parameters are packed into pages.
 *
 * @module
 */

import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { sizeOf } from "../graph/tensor.ts";
import { DECAY_BLOCK } from "../ops/adamw/mod.ts";
import type { GPTNeoXConfig } from "./config.ts";
import { type ParameterSpec, parameterSpecs } from "./parameters.ts";

/** Values of a page before the next one begins: 1 GiB, which every adapter allows in one buffer. */
const PAGE_SIZE = 2 ** 28;

/** Where a parameter lies: in which page and at which element of it. */
export interface Placement extends ParameterSpec {
  /** Which page it is in. */
  readonly page: number;
  /** Its first element in the page, a multiple of 64. */
  readonly offset: number;
}

/**
 * The parameters of a model packed into few large tensors, so that one launch updates them all. Each parameter starts
 * at a multiple of 64 values, where devices can bind it; gradients and optimizer state have pages of the same layout.
 */
export interface Pages {
  /** Where each parameter lies, in their fixed order. */
  readonly placements: readonly Placement[];
  /** Values of each page, padding included. */
  readonly sizes: readonly number[];
}

/** Names under which a program of two models finds their stores. */
export const TEACHER = "teacher", STUDENT = "student";

/** What a page holds; pages of different kinds have the same layout. */
export type PageKind = "parameters" | "gradients" | "first" | "second";

/** Lays a model's parameters out in their fixed order; no parameter crosses from one page into the next. */
export function pagesOf(config: GPTNeoXConfig, pageSize: number = PAGE_SIZE): Pages {
  return pack(parameterSpecs(config), pageSize);
}

/** Lays parameters out in the order given; none crosses from one page into the next. */
export function pack(specs: readonly ParameterSpec[], pageSize: number = PAGE_SIZE): Pages {
  const sizes: number[] = [];
  const placements = specs.map((spec) => {
    const size = Math.ceil(sizeOf(spec.shape) / DECAY_BLOCK) * DECAY_BLOCK;
    if (sizes.length === 0 || sizes.at(-1)! + size > pageSize) sizes.push(0);
    const page = sizes.length - 1;
    const offset = sizes[page]!;
    sizes[page] = offset + size;
    return { ...spec, page, offset };
  });
  return { placements, sizes };
}

/** Returns the name under which a page is stored and graphs find it. */
export function pageName(kind: PageKind, page: number): string {
  return `${kind}.${page}`;
}

/**
 * Declares all pages of a kind in a graph, whole.
 *
 * @param prefix Stands in front of their names, as of the store that holds them. @default {""}
 */
export function declarePages(graph: Graph, pages: Pages, kind: PageKind, prefix = ""): Tensor[] {
  const role = kind === "parameters" ? "parameter" : kind === "gradients" ? "gradient" : "state";
  return pages.sizes.map((size, page) => graph.persistent(prefix + pageName(kind, page), [size], role));
}

/**
 * Declares every parameter, or its gradient, as a view of its page, by its Hugging Face name.
 *
 * @param prefix Stands in front of the pages' names, as of the store that holds them. @default {""}
 */
export function declareParameters(
  graph: Graph,
  pages: Pages,
  kind: "parameters" | "gradients",
  prefix = "",
): ReadonlyMap<string, Tensor> {
  const whole = declarePages(graph, pages, kind, prefix);
  return new Map(pages.placements.map(({ name, shape, page, offset }) => [
    name,
    graph.view(whole[page]!, prefix + name, offset, shape),
  ]));
}

/** Returns a page's decay multipliers: 1 for blocks of 64 values that decay, 0 for biases and norms. */
export function decayFlags(pages: Pages, page: number): Float32Array<ArrayBuffer> {
  const flags = new Float32Array(pages.sizes[page]! / DECAY_BLOCK);
  for (const placement of pages.placements) {
    if (placement.page !== page || !placement.decay) continue;
    const first = placement.offset / DECAY_BLOCK;
    flags.fill(1, first, first + Math.ceil(sizeOf(placement.shape) / DECAY_BLOCK));
  }
  return flags;
}
