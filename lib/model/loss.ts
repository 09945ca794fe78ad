/**
 * The language-modelling loss of a model as a graph.
 *
 * @module
 */

import type { BatchShape } from "../data/batches.ts";
import { Graph } from "../graph/graph.ts";
import { differentiate } from "../graph/differentiate.ts";
import type { Tensor } from "../graph/tensor.ts";
import { linearCrossEntropy } from "../ops/cross_entropy/mod.ts";
import type { TokenBuckets } from "../ops/embedding/mod.ts";
import type { GPTNeoXConfig } from "./config.ts";
import { hiddenStates, outputProjection } from "./gpt_neox.ts";
import { declareParameters, type Pages } from "./pages.ts";

/** A graph that computes a loss, and the scalar that holds it after a run. */
export interface LossGraph {
  readonly graph: Graph;
  /** `[1]`. */
  readonly loss: Tensor;
}

/** What the loss is multiplied with, and whether gradients are computed. */
export interface LossOptions extends BatchShape {
  /** What the sum of the positions' losses is multiplied with. @default {1} */
  readonly scale?: number;
  /** Adds every parameter's gradient to the pages of gradients. @default {false} */
  readonly gradients?: boolean;
  /** Probability of dropout in a pass with gradients; a pass without has none. @default {0} */
  readonly dropout?: number;
}

/**
 * Records the forward pass and, with `gradients`, the backward pass.
 *
 * Inputs: `tokens` and `targets`, u32 `[batch * sequence]`; with gradients also the tokens' buckets `order`, `starts`
 * and `ids`, and with dropout the u32 `[2]` key `dropout`.
 */
export function lossGraph(config: GPTNeoXConfig, pages: Pages, options: LossOptions): LossGraph {
  const { batch, sequence, scale = 1, gradients = false, dropout: rate = 0 } = options;
  const graph = new Graph();
  const positions = batch * sequence;
  const tokens = graph.input("tokens", [positions], "u32");
  const targets = graph.input("targets", [positions], "u32");
  const parameters = declareParameters(graph, pages, "parameters");
  const weight = outputProjection(parameters, config);
  if (!gradients) {
    const hidden = hiddenStates(tokens, parameters, config, { batch, sequence });
    return { graph, loss: graph.output(linearCrossEntropy(hidden, weight, targets, { scale })) };
  }
  const buckets: TokenBuckets = {
    order: graph.input("order", [positions], "u32"),
    starts: graph.input("starts", [positions + 1], "u32"),
    ids: graph.input("ids", [positions], "u32"),
  };
  const accumulators = declareParameters(graph, pages, "gradients");
  const into = new Map([...parameters].map(([name, tensor]) => [tensor, accumulators.get(name)!]));
  const dropout = rate > 0 ? { rate, key: graph.input("dropout", [2], "u32") } : undefined;
  const hidden = hiddenStates(tokens, parameters, config, { batch, sequence, buckets, dropout });
  const loss = linearCrossEntropy(hidden, weight, targets, { scale, gradient: into.get(weight)! });
  differentiate(graph, { of: loss, wrt: [...parameters.values()], into });
  return { graph, loss: graph.output(loss) };
}
