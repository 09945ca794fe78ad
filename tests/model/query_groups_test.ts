import { assertEquals } from "@std/assert";
import { withQueryGroups } from "../../lib/model/blocks.ts";
import type { GPTNeoXConfig } from "../../lib/model/config.ts";
import { lossGraph } from "../../lib/model/loss.ts";
import { pagesOf } from "../../lib/model/pages.ts";
import { smallNeoX } from "./small_neox.ts";

const config: GPTNeoXConfig = { ...smallNeoX, width: 32, heads: 4 };
const plain = withQueryGroups(config, 4);

function recorded(config: GPTNeoXConfig) {
  return lossGraph(config, pagesOf(config), { batch: 2, sequence: 5, scale: 0.1, gradients: true }).graph;
}

/** What a graph does, node by node. */
function stepsOf(config: GPTNeoXConfig) {
  return recorded(config).nodes.map(({ op, inputs, outputs, attributes }) => ({
    op: op.name,
    attributes,
    tensors: [...inputs, ...outputs].map(({ name, shape }) => `${name} ${shape}`),
  }));
}

Deno.test("with a key for each head the same graph is recorded, however that is written", () => {
  const shape = { heads: 4, headSize: 8, rotary: 2, mlpWidth: 50 };
  assertEquals(stepsOf({ ...config, blocks: [{ ...shape, queryGroups: 4 }, shape] }), stepsOf(plain));
  assertEquals(stepsOf(plain).some(({ op }) => op === "gather" || op === "scatterAdd"), false);
});

Deno.test("heads that share keys cost one gather a layer, and attention as many operations as before", () => {
  const count = (config: GPTNeoXConfig, name: string) => recorded(config).nodes.filter(({ op }) => op.name === name);
  const flops = (config: GPTNeoXConfig, name: string) =>
    count(config, name).reduce((sum, node) => sum + node.op.cost(node).flops, 0);
  const grouped = withQueryGroups(config, 2);
  // One for each layer's keys and values, and two for each layer's gradients: of the first heads of groups, of the second.
  assertEquals(count(grouped, "gather").length, 2 * (1 + 2));
  assertEquals(count(grouped, "scatterAdd").length, 2 * 2);
  for (const name of ["rotary", "attention", "attentionGradient"]) {
    assertEquals(flops(grouped, name), flops(plain, name), name);
  }
});
