import { embeddingBuckets } from "../../../lib/data/buckets.ts";
import type { Inputs } from "../../../lib/devices/device.ts";
import { differentiate } from "../../../lib/graph/differentiate.ts";
import { Graph } from "../../../lib/graph/graph.ts";
import type { Tensor } from "../../../lib/graph/tensor.ts";
import { adamw } from "../../../lib/ops/adamw/mod.ts";
import { clip } from "../../../lib/ops/clip/mod.ts";
import { linearCrossEntropy } from "../../../lib/ops/cross_entropy/mod.ts";
import { embedding } from "../../../lib/ops/embedding/mod.ts";
import { gelu } from "../../../lib/ops/gelu/mod.ts";
import { layerNorm } from "../../../lib/ops/layer_norm/mod.ts";
import { sumOfSquares } from "../../../lib/ops/sum/mod.ts";
import { integers } from "../../ops/harness.ts";

const POSITIONS = 37;
const VOCABULARY = 50;
const WIDTH = 20;
/** Where each parameter starts in its page. */
const LAYOUT = { table: 0, weight: 1024, gain: 2048, bias: 2112 };
const PAGE = 2176;

/** A whole training step in small: it predicts a token from the one before, and updates its parameters. */
export interface SmallStep {
  readonly graph: Graph;
  readonly loss: Tensor;
  readonly norm: Tensor;
  /** Persistent tensors: a page of parameters, its gradient and two states. */
  readonly persistent: readonly Tensor[];
}

/** Records the step. */
export function smallStep(): SmallStep {
  const graph = new Graph();
  const page = (name: string, role: "parameter" | "gradient" | "state") => graph.persistent(name, [PAGE], role);
  const persistent = [
    page("parameters", "parameter"),
    page("gradients", "gradient"),
    page("m", "state"),
    page("v", "state"),
  ];
  const [parameter, gradient, first, second] = persistent as [Tensor, Tensor, Tensor, Tensor];
  const shapes = { table: [VOCABULARY, WIDTH], weight: [VOCABULARY, WIDTH], gain: [WIDTH], bias: [WIDTH] };
  const parts = (from: Tensor) =>
    Object.fromEntries(
      (Object.keys(LAYOUT) as (keyof typeof LAYOUT)[]).map((name) => [
        name,
        graph.view(from, `${from.name}.${name}`, LAYOUT[name], shapes[name]),
      ]),
    ) as Record<keyof typeof LAYOUT, Tensor>;
  const [values, sums] = [parts(parameter), parts(gradient)];

  const indices = (name: string, length = POSITIONS) => graph.input(name, [length], "u32");
  const buckets = { order: indices("order"), starts: indices("starts", POSITIONS + 1), ids: indices("ids") };
  const hidden = embedding(indices("tokens"), values.table, buckets);
  const normed = layerNorm(gelu(hidden), values.gain, values.bias);
  const options = { scale: 1 / POSITIONS, gradient: sums.weight };
  const loss = graph.output(linearCrossEntropy(normed, values.weight, indices("targets"), options));
  const into = new Map(Object.entries(values).map(([name, tensor]) => [tensor, sums[name as keyof typeof LAYOUT]]));
  differentiate(graph, { of: loss, wrt: Object.values(values), into });
  const { norm, factor } = clip(sumOfSquares(gradient), 1);
  const scalars = graph.input("scalars", [3]);
  const decays = graph.constant("decays", [PAGE / 64], new Float32Array(PAGE / 64).fill(1));
  adamw({ scalars, factor, decays, gradient, parameter, first, second }, {
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    weightDecay: 0.1,
  });
  return { graph, loss, norm: graph.output(norm), persistent };
}

/** Inputs of step number `step`. */
export function smallInputs(step: number): Inputs {
  const tokens = integers(`tokens ${step}`, POSITIONS, VOCABULARY);
  const targets = tokens.map((token) => (token * 7 + 3) % VOCABULARY);
  const scalars = Float32Array.of(1e-2, 1 / (1 - 0.9 ** (step + 1)), 1 / (1 - 0.95 ** (step + 1)));
  return { ...embeddingBuckets(tokens), tokens, targets, scalars };
}
