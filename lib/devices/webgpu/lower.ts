/**
 * From a plan to launches, and what they need.
 *
 * @module
 */

import { type Dispatch, MAX_GROUPS, type Target } from "../../ops/dispatch.ts";
import { kernelsOf } from "../../ops/kernels.ts";
import type { Node } from "../../graph/graph.ts";
import type { Plan } from "../../graph/plan.ts";
import { BYTES_PER_ELEMENT, describe } from "../../graph/tensor.ts";
import type { Estimate } from "../device.ts";

/** One launch of a program and the node that it computes a part of. */
export interface Launch extends Dispatch {
  /** What it computes, or a part of it. */
  readonly node: Node;
}

/** The launches of a plan in order, and the uniform block that each of them reads. */
export interface Lowered {
  readonly launches: readonly Launch[];
  /** Distinct uniform blocks; launches with equal numbers share one. */
  readonly uniforms: readonly (readonly number[])[];
  /** Index into `uniforms` of each launch. */
  readonly uniformOf: readonly number[];
  /** Bytes of the memory that launches of a node hand on to each other; 0 where none do. */
  readonly scratchBytes: number;
  /** Bytes of the largest part of a tensor that one launch sees. */
  readonly largestBindingBytes: number;
}

/** Asks each op for its launches and checks them before a driver does. */
export function lower(plan: Plan, target: Target): Lowered {
  const launches = plan.order.flatMap((node) =>
    kernelsOf(node, "webgpu")(node, target).map((dispatch) => ({ ...dispatch, node }))
  );
  const indices = new Map<string, number>();
  const uniforms: (readonly number[])[] = [];
  let largestBindingBytes = 0, scratchBytes = 0;
  const uniformOf = launches.map(({ uniforms: words, bindings, kernel, groups }) => {
    if (Math.max(...groups) > MAX_GROUPS) {
      throw new RangeError(
        `Cannot launch '${kernel.name}': an axis holds at most ${MAX_GROUPS} workgroups, ` +
          `found ${groups.join(" x ")}; use a smaller micro-batch or sequence`,
      );
    }
    for (const binding of bindings) {
      const scratch = "scratch" in binding;
      const bytes = (scratch ? binding.scratch : binding.size) * BYTES_PER_ELEMENT;
      if (scratch) scratchBytes = Math.max(scratchBytes, bytes);
      largestBindingBytes = Math.max(largestBindingBytes, bytes);
      if (bytes > target.maxBindingBytes) {
        throw new RangeError(
          `Cannot bind ${
            scratch ? "scratch memory" : describe(binding.tensor)
          } in '${kernel.name}': a binding holds at most ` +
            `${target.maxBindingBytes} bytes, found ${bytes}; use a smaller micro-batch, sequence or vocabulary`,
        );
      }
    }
    const key = words.join();
    let index = indices.get(key);
    if (index === undefined) indices.set(key, index = uniforms.push(words) - 1);
    return index;
  });
  return { launches, uniforms, uniformOf, scratchBytes, largestBindingBytes };
}

/** Bytes between uniform blocks. */
export const UNIFORM_BYTES = 256;

/** Says what a plan will need once it is compiled. */
export function estimate(plan: Plan, target: Target): Estimate {
  const { launches, uniforms, scratchBytes, largestBindingBytes } = lower(plan, target);
  return {
    programBytes: plan.slotBytes + scratchBytes + uniforms.length * UNIFORM_BYTES,
    persistentBytes: plan.persistentBytes,
    largestBindingBytes,
    launches: launches.length,
  };
}
