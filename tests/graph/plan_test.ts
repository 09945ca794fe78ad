import { assert, assertEquals, assertLess } from "@std/assert";
import { Graph } from "../../lib/graph/graph.ts";
import { alignedBytes, plan } from "../../lib/graph/plan.ts";
import { isPersistent, type Tensor } from "../../lib/graph/tensor.ts";
import { BLOCK, bytesOf, Machine, randomGraph, step } from "./random_graph.ts";

Deno.test("tensors that share slots never overwrite each other, in random graphs", () => {
  for (let seed = 0; seed < 60; seed++) {
    const graph = randomGraph(seed, 60);
    const separate = new Machine((base) => base);
    const expected = graph.nodes.map((node) => separate.run(node));
    const { order, slotOf } = plan(graph);
    const shared = new Machine((base) => slotOf.get(base) ?? base);
    for (const node of order) assertEquals(shared.run(node), expected[node.index], `seed ${seed}, node ${node.index}`);
    for (const tensor of graph.tensors) {
      const kept = graph.roleOf(tensor) !== "temporary" && (slotOf.has(tensor.base) || isPersistent(tensor.role));
      if (kept) assertEquals(shared.read(tensor), separate.read(tensor), `seed ${seed}, ${tensor.name}`);
    }
  }
});

Deno.test("every tensor that a program owns fits its slot, and a node's outputs share it with no input", () => {
  for (let seed = 0; seed < 20; seed++) {
    const graph = randomGraph(seed, 60);
    const { slots, slotOf, order, slotBytes, persistent, persistentBytes } = plan(graph);
    for (const [tensor, slot] of slotOf) assert(bytesOf(tensor) <= slots[slot]!, tensor.name);
    for (const { inputs, outputs } of order) {
      const taken = outputs.map((tensor) => slotOf.get(tensor));
      assertEquals(new Set(taken).size, outputs.length);
      for (const { base } of inputs) if (slotOf.has(base)) assert(!taken.includes(slotOf.get(base)));
    }
    assertEquals(slotBytes, slots.reduce((sum, bytes) => sum + bytes, 0));
    assertEquals(persistentBytes, persistent.reduce((sum, tensor) => sum + bytesOf(tensor), 0));
    assert(persistent.every((tensor) => isPersistent(tensor.role) && !slotOf.has(tensor)));
  }
});

/** A chain of `length` steps, each of which needs the one before. */
function chain(length: number, grow = 0): { graph: Graph; links: Tensor[] } {
  const graph = new Graph();
  const links = [graph.input("input", [BLOCK])];
  for (let i = 0; i < length; i++) {
    links.push(graph.apply(step, [links.at(-1)!], { makes: [BLOCK * (1 + grow * i)], changes: [] })[0]!);
  }
  return { graph, links };
}

Deno.test("a chain of steps takes two slots and that of its input, however long it is", () => {
  const { graph } = chain(20);
  const { slots, slotBytes, unsharedBytes } = plan(graph);
  assertEquals(slots, [256, 256, 256]);
  assertEquals(slotBytes, 3 * 256);
  assertEquals(unsharedBytes, 21 * 256);
});

Deno.test("a slot grows for a larger tensor, so that reuse pays where sizes differ", () => {
  const { slots, slotBytes, unsharedBytes } = plan(chain(10, 1).graph);
  assertEquals(slots.length, 3);
  assertEquals(slotBytes, 256 + 9 * 256 + 10 * 256);
  assertEquals(unsharedBytes, 256 + 55 * 256);
});

Deno.test("random graphs need less memory with reuse than without", () => {
  const plans = Array.from({ length: 10 }, (_, seed) => plan(randomGraph(seed, 60)));
  const total = (key: "slotBytes" | "unsharedBytes") => plans.reduce((sum, plan) => sum + plan[key], 0);
  assertLess(total("slotBytes"), 0.7 * total("unsharedBytes"));
});

Deno.test("inputs, constants and outputs keep a slot of their own, tensors that no node uses have none", () => {
  const { graph, links } = chain(6);
  const unused = graph.input("unused", [BLOCK]);
  graph.constant("unused constant", [BLOCK], new Float32Array(BLOCK));
  const output = graph.output(links[2]!);
  const { slotOf } = plan(graph);
  const slot = slotOf.get(output);
  assertEquals([...slotOf].filter(([, other]) => other === slot).map(([tensor]) => tensor), [output]);
  assertEquals([...slotOf.keys()].filter((tensor) => tensor === unused || tensor.role === "constant"), []);
});

Deno.test("an output that is read as a view keeps the memory of its base", () => {
  const { graph, links } = chain(6);
  graph.output(graph.view(links[2]!, "part", 0, [8]));
  const { slotOf } = plan(graph);
  assertEquals([...slotOf.values()].filter((slot) => slot === slotOf.get(links[2]!)).length, 1);
});

Deno.test("the same graph has the same plan", () => {
  const summary = (seed: number) => {
    const { order, slots, slotOf } = plan(randomGraph(seed, 80));
    return { order: order.map(({ index }) => index), slots, slotOf: [...slotOf].map(([{ id }, slot]) => [id, slot]) };
  };
  assertEquals(summary(3), summary(3));
});

Deno.test("memory is counted in whole alignments of 256 bytes", () => {
  const graph = new Graph();
  assertEquals([1, 64, 65].map((length) => alignedBytes(graph.input(`x ${length}`, [length]))), [256, 256, 512]);
});
