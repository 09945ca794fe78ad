/**
 * The order in which a graph runs.
 *
 * @module
 */

import type { Graph, Node } from "./graph.ts";
import { isPersistent, type Tensor } from "./tensor.ts";

/**
 * Orders the nodes of a graph so that little memory is alive at a time.
 *
 * List scheduling: among the nodes whose predecessors have run, the one that frees most memory (or needs least more)
 * goes first; ties go by recorded order, so the result is always the same. A node waits for the earlier writer of
 * everything it reads, and for the earlier readers and writer of everything it changes in place.
 */
export function schedule(graph: Graph): Node[] {
  const { successors, waiting } = dependencies(graph);
  const readers = new Map<Tensor, number>();
  for (const node of graph.nodes) {
    for (const base of basesOf(node)) readers.set(base, (readers.get(base) ?? 0) + 1);
  }
  const temporary = (tensor: Tensor) => !isPersistent(tensor.role) && graph.roleOf(tensor) === "temporary";
  const growth = (node: Node): number => {
    let bytes = 0;
    for (const base of basesOf(node)) {
      if (!temporary(base)) continue;
      if (node.outputs.includes(base)) bytes += base.size;
      if (readers.get(base) === 1) bytes -= base.size;
    }
    return bytes;
  };

  const ready = graph.nodes.filter((node) => waiting[node.index] === 0);
  const order: Node[] = [];
  while (ready.length) {
    let best = 0;
    let least = growth(ready[0]!);
    for (let i = 1; i < ready.length; i++) {
      const bytes = growth(ready[i]!);
      if (bytes < least || (bytes === least && ready[i]!.index < ready[best]!.index)) [best, least] = [i, bytes];
    }
    const [node] = ready.splice(best, 1) as [Node];
    order.push(node);
    for (const base of basesOf(node)) readers.set(base, readers.get(base)! - 1);
    for (const next of successors[node.index]!) {
      if (--waiting[next]! === 0) ready.push(graph.nodes[next]!);
    }
  }
  return order;
}

function basesOf(node: Node): Set<Tensor> {
  return new Set([...node.inputs, ...node.outputs].map((tensor) => tensor.base));
}

/** An earlier use of a part of a base tensor, in elements. */
interface Use {
  readonly node: number;
  readonly start: number;
  readonly end: number;
  readonly writes: boolean;
}

function dependencies(graph: Graph): { successors: Set<number>[]; waiting: number[] } {
  const successors = graph.nodes.map(() => new Set<number>());
  const uses = new Map<Tensor, Use[]>();
  for (const node of graph.nodes) {
    for (const tensor of new Set([...node.inputs, ...node.outputs])) {
      const writes = node.outputs.includes(tensor) || node.updates.includes(tensor);
      const use = { node: node.index, start: tensor.offset, end: tensor.offset + tensor.size, writes };
      const earlier = uses.get(tensor.base) ?? [];
      for (const other of earlier) {
        const overlap = other.start < use.end && use.start < other.end;
        if (overlap && (other.writes || writes) && other.node !== node.index) successors[other.node]!.add(node.index);
      }
      earlier.push(use);
      uses.set(tensor.base, earlier);
    }
  }
  const waiting = graph.nodes.map(() => 0);
  for (const set of successors) for (const next of set) waiting[next]!++;
  return { successors, waiting };
}
