import { Graph, type Node } from "../../lib/graph/graph.ts";
import type { Op } from "../../lib/graph/op.ts";
import { defineOp } from "../../lib/ops/kernels.ts";
import { BYTES_PER_ELEMENT, type Tensor } from "../../lib/graph/tensor.ts";
import { Random } from "../../lib/random.ts";

/** What a `step` makes and changes. */
export interface StepAttributes {
  /** Lengths of the outputs. */
  readonly makes: readonly number[];
  /** Indices of the inputs that are changed in place. */
  readonly changes: readonly number[];
}

/** An op that exists for its dependencies only. */
export const step: Op<StepAttributes> = defineOp({
  name: "step",
  infer: (_, { makes }) => makes.map((length) => ({ shape: [length] })),
  updates: (_, { changes }) => [...changes],
  cost: () => ({ flops: 0, bytes: 0 }),
});

/** Elements of a block, the unit in which `Machine` follows values. */
export const BLOCK = 64;

/** A seeded graph of steps over inputs, parameters, temporaries and views of them, some changed in place, some read. */
export function randomGraph(seed: number, steps: number): Graph {
  const graph = new Graph();
  const random = new Random(seed, "graph");
  let draws = 0;
  const below = (bound: number) => random.below(bound, draws++);
  const length = () => BLOCK * (1 + below(5));
  const pool: Tensor[] = [
    graph.input("input", [length()]),
    graph.persistent("parameter", [length()], "parameter"),
    graph.persistent("state", [length()], "state"),
    graph.constant("constant", [BLOCK], new Float32Array(BLOCK)),
  ];
  const recent = () => pool[Math.max(0, pool.length - 1 - below(8))]!;
  for (let i = 0; i < steps; i++) {
    const inputs = [...new Set(Array.from({ length: 1 + below(3) }, recent))];
    const changeable = inputs.flatMap(({ role }, i) => role === "input" || role === "constant" ? [] : [i]);
    const changes = changeable.filter(() => below(4) === 0);
    const makes = Array.from({ length: changes.length ? below(2) : 1 + below(2) }, length);
    const outputs = graph.apply(step, inputs, { makes, changes });
    pool.push(...outputs);
    if (below(5) === 0) {
      const base = recent();
      const offset = BLOCK * below(base.size / BLOCK);
      pool.push(graph.view(base, `view ${i}`, offset, [base.size - offset]));
    }
    if (below(6) === 0) graph.output(recent());
  }
  return graph;
}

/** Runs nodes symbolically: a block's value says which steps made it, in which order and from what. */
export class Machine {
  readonly #memory = new Map<unknown, string[]>();
  readonly #place: (base: Tensor) => unknown;

  /** @param place What a base tensor's memory is kept under: tensors of one place share it. */
  constructor(place: (base: Tensor) => unknown) {
    this.#place = place;
  }

  /** Runs a node and returns what it read. */
  run(node: Node): string {
    const seen = hash(node.inputs.map((tensor) => this.read(tensor)).join());
    const written = [...node.outputs, ...node.updates];
    written.forEach((tensor, i) => {
      const memory = this.#of(tensor);
      const first = tensor.offset / BLOCK;
      for (let block = 0; block < tensor.size / BLOCK; block++) {
        memory[first + block] = `${node.index}.${i}.${block}(${seen})`;
      }
    });
    return seen;
  }

  /** The values of a tensor. */
  read(tensor: Tensor): string {
    const first = tensor.offset / BLOCK;
    const memory = this.#of(tensor);
    return Array.from({ length: tensor.size / BLOCK }, (_, block) => memory[first + block] ?? "").join();
  }

  #of(tensor: Tensor): string[] {
    const place = this.#place(tensor.base);
    const memory = this.#memory.get(place) ?? [];
    this.#memory.set(place, memory);
    return memory;
  }
}

/** FNV-1a, to keep values short. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16);
}

/** Bytes of a tensor whose length is a multiple of `BLOCK`. */
export function bytesOf(tensor: Tensor): number {
  return tensor.size * BYTES_PER_ELEMENT;
}
