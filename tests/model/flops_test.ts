import { assertEquals } from "@std/assert";
import { Graph } from "../../lib/graph/graph.ts";
import { forwardFlopsPerToken, trainingFlopsPerToken } from "../../lib/model/flops.ts";
import { hiddenStates, outputProjection } from "../../lib/model/gpt_neox.ts";
import { lossGraph } from "../../lib/model/loss.ts";
import { declareParameters, pagesOf } from "../../lib/model/pages.ts";
import { presets } from "../../lib/model/presets.ts";
import { linear } from "../../lib/ops/matmul/mod.ts";
import { smallNeoX } from "./small_neox.ts";

/** Operations of the products in a graph: matrix multiplications and attention. */
function productFlops(graph: Graph): number {
  return graph.nodes
    .filter(({ op }) => ["matmul", "attention", "attentionGradient", "linearCrossEntropy"].includes(op.name))
    .reduce((sum, node) => sum + node.op.cost(node).flops, 0);
}

Deno.test("the closed form equals a count by hand for a tiny model", () => {
  const config = { ...smallNeoX, layers: 1, width: 4, heads: 2, mlpWidth: 5, vocabularySize: 7, rotaryFraction: 1 };
  // 48 + 16 + 20 + 20 weights of the block and 28 of the output, two operations each; of three positions' 1 + 2 + 3
  // visible pairs, a third each: two pairs of four dimensions, in two products of two operations.
  assertEquals(forwardFlopsPerToken(config, 3), 2 * (48 + 16 + 20 + 20 + 28) + 2 * 4 * 2 * 2);
});

for (
  const [name, changes] of Object.entries({
    "Pythia's form": {},
    "a sequential, tied form": { tiedEmbeddings: true, parallelResidual: false },
    "blocks of different shapes": {
      blocks: [
        { heads: 2, headSize: 10, rotary: 4, mlpWidth: 33 },
        { heads: 5, headSize: 6, rotary: 2, mlpWidth: 18 },
      ],
    },
    "query groups": {
      blocks: [
        { heads: 6, queryGroups: 3, headSize: 4, rotary: 4, mlpWidth: 33 },
        { heads: 5, queryGroups: 1, headSize: 6, rotary: 2, mlpWidth: 18 },
      ],
    },
  })
) {
  Deno.test(`the closed form equals the costs of the forward graph's products, in ${name}`, () => {
    const config = { ...smallNeoX, ...changes };
    const [batch, sequence] = [3, 5];
    const graph = new Graph();
    const parameters = declareParameters(graph, pagesOf(config), "parameters");
    const tokens = graph.input("tokens", [batch * sequence], "u32");
    linear(hiddenStates(tokens, parameters, config, { batch, sequence }), outputProjection(parameters, config));
    assertEquals(productFlops(graph), batch * sequence * forwardFlopsPerToken(config, sequence));
  });
}

Deno.test("training costs three forward passes, within what attention computes twice and softmaxes add", () => {
  // Attention recomputes its scores in both of its backward kernels, and the loss counts eight operations a logit.
  const { config } = presets.small;
  const { graph } = lossGraph(config, pagesOf(config), { batch: 2, sequence: config.sequence, gradients: true });
  const ratio = productFlops(graph) / (2 * config.sequence * trainingFlopsPerToken(config));
  assertEquals(ratio > 1 && ratio < 1.04, true, `${ratio}`);
});

Deno.test("the sequence is the config's unless another is given", () => {
  assertEquals(forwardFlopsPerToken(smallNeoX), forwardFlopsPerToken(smallNeoX, smallNeoX.sequence));
  assertEquals(trainingFlopsPerToken(smallNeoX, 3), 3 * forwardFlopsPerToken(smallNeoX, 3));
});
