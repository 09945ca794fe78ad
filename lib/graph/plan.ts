/**
 * Memory: which tensors of a graph share it, known before anything is allocated.
 *
 * @module
 */

import type { Graph, Node } from "./graph.ts";
import { schedule } from "./schedule.ts";
import { BINDING_ALIGNMENT, BYTES_PER_ELEMENT, isPersistent, type Tensor } from "./tensor.ts";

/** Where every tensor of a graph lives, and in which order its nodes run. */
export interface Plan {
  /** What was planned. */
  readonly graph: Graph;
  /** The nodes in the order in which they run. */
  readonly order: readonly Node[];
  /** Bytes of each slot. Temporaries whose lifetimes do not overlap share one. */
  readonly slots: readonly number[];
  /** The slot of every base tensor that the program owns: all but the persistent ones. */
  readonly slotOf: ReadonlyMap<Tensor, number>;
  /** The temporary base tensors that were marked as outputs by then: they alone keep their values after a run. */
  readonly outputs: ReadonlySet<Tensor>;
  /** The persistent base tensors that the program uses. */
  readonly persistent: readonly Tensor[];
  /** Bytes of all slots: what the program allocates for tensors. */
  readonly slotBytes: number;
  /** Bytes of the persistent tensors, which programs share. */
  readonly persistentBytes: number;
  /** Bytes of the temporaries if each had memory of its own: what reuse saves is this minus `slotBytes`. */
  readonly unsharedBytes: number;
}

/**
 * Counts the bytes that a tensor occupies: whole binding alignments, so that any slot can be bound as vectors of four.
 */
export function alignedBytes({ size }: { readonly size: number }): number {
  return Math.ceil(size * BYTES_PER_ELEMENT / BINDING_ALIGNMENT) * BINDING_ALIGNMENT;
}

/**
 * Orders a graph's nodes, finds the lifetime of every temporary and assigns slots, best fit first.
 *
 * A slot is free again once the last reader of its tensor has run. Inputs, constants and outputs keep a slot of their
 * own. A node's outputs never share a slot with its inputs, because no device may read and write one buffer in a
 * launch.
 */
export function plan(graph: Graph): Plan {
  const order = schedule(graph);
  const lastUse = new Map<Tensor, number>();
  order.forEach((node, time) => {
    for (const tensor of [...node.inputs, ...node.outputs]) lastUse.set(tensor.base, time);
  });

  const slots: number[] = [];
  const free: number[] = [];
  const slotOf = new Map<Tensor, number>();
  const owned = (tensor: Tensor) => tensor.base === tensor && !isPersistent(tensor.role);
  const reserve = (tensor: Tensor) => slotOf.set(tensor, slots.push(alignedBytes(tensor)) - 1);

  for (const tensor of graph.tensors) {
    if (owned(tensor) && graph.roleOf(tensor) !== "temporary" && lastUse.has(tensor)) reserve(tensor);
  }
  let unsharedBytes = slots.reduce((sum, bytes) => sum + bytes, 0);
  order.forEach((node, time) => {
    for (const tensor of node.outputs) {
      if (slotOf.has(tensor)) continue;
      const bytes = alignedBytes(tensor);
      unsharedBytes += bytes;
      const choice = bestFit(slots, free, bytes);
      if (choice === undefined) {
        reserve(tensor);
      } else {
        free.splice(free.indexOf(choice), 1);
        slots[choice] = Math.max(slots[choice]!, bytes);
        slotOf.set(tensor, choice);
      }
    }
    for (const tensor of new Set([...node.inputs, ...node.outputs].map((t) => t.base))) {
      const dead = lastUse.get(tensor) === time && graph.roleOf(tensor) === "temporary" && owned(tensor);
      if (dead) free.push(slotOf.get(tensor)!);
    }
  });

  const outputs = new Set(graph.tensors.filter((t) => t.base === t && graph.roleOf(t) === "output" && slotOf.has(t)));
  const persistent = graph.tensors.filter((t) => t.base === t && isPersistent(t.role) && lastUse.has(t));
  return {
    graph,
    order,
    slots,
    slotOf,
    outputs,
    persistent,
    slotBytes: slots.reduce((sum, bytes) => sum + bytes, 0),
    persistentBytes: persistent.reduce((sum, tensor) => sum + alignedBytes(tensor), 0),
    unsharedBytes,
  };
}

/** The smallest free slot that is large enough, else the largest free one, which then grows. */
function bestFit(slots: readonly number[], free: readonly number[], bytes: number): number | undefined {
  const fitting = free.filter((slot) => slots[slot]! >= bytes);
  const pick = (from: readonly number[], better: (a: number, b: number) => boolean) =>
    from.reduce<number | undefined>(
      (best, slot) => best === undefined || better(slots[slot]!, slots[best]!) ? slot : best,
      undefined,
    );
  return fitting.length ? pick(fitting, (a, b) => a < b) : pick(free, (a, b) => a > b);
}
