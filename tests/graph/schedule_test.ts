import { assertEquals, assertLess } from "@std/assert";
import { Graph, type Node } from "../../lib/graph/graph.ts";
import { schedule } from "../../lib/graph/schedule.ts";
import { BLOCK, Machine, randomGraph, step } from "./random_graph.ts";

const names = (order: readonly Node[]) => order.map(({ index }) => index);

Deno.test("every node of a schedule reads what it reads in recorded order, in random graphs", () => {
  for (let seed = 0; seed < 60; seed++) {
    const graph = randomGraph(seed, 60);
    const recorded = new Machine((base) => base);
    const expected = graph.nodes.map((node) => recorded.run(node));
    const order = schedule(graph);
    assertEquals(names(order).sort((a, b) => a - b), graph.nodes.map(({ index }) => index), `seed ${seed}`);
    const scheduled = new Machine((base) => base);
    for (const node of order) {
      assertEquals(scheduled.run(node), expected[node.index], `seed ${seed}, node ${node.index}`);
    }
    for (const tensor of graph.tensors) assertEquals(scheduled.read(tensor), recorded.read(tensor), tensor.name);
  }
});

Deno.test("the same graph has the same schedule", () => {
  assertEquals(names(schedule(randomGraph(7, 80))), names(schedule(randomGraph(7, 80))));
});

Deno.test("a node that frees memory goes before one that needs more", () => {
  const graph = new Graph();
  const input = graph.input("input", [BLOCK]);
  const branch = () => graph.apply(step, [input], { makes: [BLOCK], changes: [] })[0]!;
  const large = Array.from({ length: 4 }, branch);
  const ends = large.map((tensor) => graph.apply(step, [tensor], { makes: [], changes: [] }));
  assertEquals(ends.length, 4);
  assertEquals(names(schedule(graph)), [0, 4, 1, 5, 2, 6, 3, 7]);
});

Deno.test("changes of different parts of a tensor need not wait for each other, changes of one part do", () => {
  const graph = new Graph();
  const page = graph.persistent("page", [4 * BLOCK], "gradient");
  const part = (name: string, offset: number, length: number) => graph.view(page, name, offset, [length]);
  const [low, high, middle] = [part("low", 0, 128), part("high", 128, 128), part("middle", 64, 128)];
  const input = graph.input("input", [BLOCK]);
  const slow = graph.apply(step, [input], { makes: [BLOCK, BLOCK], changes: [] })[0]!;
  graph.apply(step, [slow, low], { makes: [], changes: [1] });
  graph.apply(step, [high], { makes: [], changes: [0] });
  graph.apply(step, [middle], { makes: [], changes: [0] });
  const order = names(schedule(graph));
  assertLess(order.indexOf(2), order.indexOf(0)); // needs nothing, and frees nothing that would take it later
  assertEquals(order.at(-1), 3);
});
