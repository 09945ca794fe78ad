/**
 * The language-modelling loss of a model as a graph.
 *
 * @module
 */

import type { BatchShape } from "../data/batches.ts";
import { Graph } from "../graph/graph.ts";
import { differentiate } from "../graph/differentiate.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/add/mod.ts";
import { linearCrossEntropy } from "../ops/cross_entropy/mod.ts";
import { distillation, type Divergence, type OutputLayer } from "../ops/distillation/mod.ts";
import type { TokenBuckets } from "../ops/embedding/mod.ts";
import { sparseDistillation, type SparseTeacher } from "../ops/sparse_distillation/mod.ts";
import type { GPTNeoXConfig } from "./config.ts";
import { hiddenStates, outputProjection } from "./gpt_neox.ts";
import { compareHidden, type HiddenAlignment, type HiddenComparison } from "./hidden_alignment.ts";
import { declareParameters, type Pages, TEACHER } from "./pages.ts";

/** A graph that computes a loss, and the scalars that hold it and its parts after a run, each `[1]`. */
export interface LossGraph {
  readonly graph: Graph;
  /** What is differentiated. */
  readonly loss: Tensor;
  /** With a teacher, the loss without it. */
  readonly crossEntropy?: Tensor;
  /** With a teacher, the student's divergence from it. */
  readonly divergence?: Tensor;
  /** With hidden states that are compared, how far the student's are from the teacher's. */
  readonly hiddenLoss?: Tensor;
}

/** A model that another one of the same vocabulary is trained to imitate: its shape and how it is packed. */
export interface Teacher {
  readonly config: GPTNeoXConfig;
  readonly pages: Pages;
}

/** What is known of a teacher that is not there itself. */
export interface StoredLogits {
  /** Tokens a position of which something is known. */
  readonly entries: number;
}

/** How a student is compared with its teacher. */
export interface DivergenceOptions {
  /** How far the student's distribution is from the teacher's. @default {"forward_kl"} */
  readonly divergence?: Divergence;
  /** The teacher's weight in a symmetric KL or a Jensen-Shannon divergence. @default {0.5} */
  readonly divergenceWeight?: number;
}

/** What the loss is multiplied with, and whether gradients are computed. */
export interface LossOptions extends BatchShape, DivergenceOptions {
  /** What the sum of the positions' losses is multiplied with. @default {1} */
  readonly scale?: number;
  /** Adds every parameter's gradient to the pages of gradients. @default {false} */
  readonly gradients?: boolean;
  /** Probability of dropout in a pass with gradients; a pass without has none. @default {0} */
  readonly dropout?: number;
  /**
   * Makes the loss one of distillation. The teacher reads the same tokens, without dropout, and gets no gradient; its
   * pages are those of a store with the prefix `TEACHER`. Of one whose logits were stored only the forward KL divergence
   * is known. @default none
   */
  readonly teacher?: Teacher | StoredLogits | undefined;
  /**
   * Adds the loss between hidden states of student and teacher; a pass without a teacher has none, and one whose logits
   * were stored has no hidden states. @default none
   */
  readonly hidden?: HiddenAlignment | undefined;
}

/**
 * Records the forward pass and, with `gradients`, the backward pass.
 *
 * Inputs: `tokens` and `targets`, u32 `[batch * sequence]`; with gradients also the tokens' buckets `order`, `starts`
 * and `ids`, with dropout the u32 `[2]` key `dropout`, and with a teacher the `[3]` `coefficients` of its loss: alpha,
 * beta and temperature. Stored logits come as `teacherIds`, u32 `[batch * sequence, entries]`, and `teacherMasses`,
 * `[batch * sequence, entries + 1]`. Where hidden states are compared, `gamma`, `[1]`, weighs their loss.
 *
 * @throws {RangeError} If the teacher has another vocabulary, or another divergence from stored logits is asked for.
 */
export function lossGraph(config: GPTNeoXConfig, pages: Pages, options: LossOptions): LossGraph {
  const { batch, sequence, gradients = false, dropout: rate = 0 } = options;
  const graph = new Graph();
  const positions = batch * sequence;
  const tokens = graph.input("tokens", [positions], "u32");
  const targets = graph.input("targets", [positions], "u32");
  const parameters = declareParameters(graph, pages, "parameters");
  const weight = outputProjection(parameters, config);
  const { teacher, hidden: alignment } = options;
  const compared = teacher && "config" in teacher && alignment
    ? compareHidden(graph, alignment, config, teacher.config)
    : undefined;
  // Before the student's, so that few activations are alive at a time.
  const taught = teacher && teach(tokens, teacher, options, compared);
  const tap = compared?.taps.student;
  if (!gradients) {
    const hidden = hiddenStates(tokens, parameters, config, { batch, sequence, tap });
    return outputs(graph, compare({ hidden, weight, targets }, taught, options));
  }
  const buckets: TokenBuckets = {
    order: graph.input("order", [positions], "u32"),
    starts: graph.input("starts", [positions + 1], "u32"),
    ids: graph.input("ids", [positions], "u32"),
  };
  const accumulators = declareParameters(graph, pages, "gradients");
  const into = new Map([
    ...[...parameters].map(([name, tensor]) => [tensor, accumulators.get(name)!] as const),
    ...compared?.gradients() ?? [],
  ]);
  const dropout = rate > 0 ? { rate, key: graph.input("dropout", [2], "u32") } : undefined;
  const hidden = hiddenStates(tokens, parameters, config, { batch, sequence, buckets, dropout, tap });
  const losses = compare({ hidden, weight, targets, gradient: into.get(weight)! }, taught, options);
  differentiate(graph, { of: losses.loss, wrt: [...into.keys()], into });
  return outputs(graph, losses);
}

/** What a teacher makes of the tokens. */
interface Taught {
  readonly teacher: OutputLayer | SparseTeacher;
  readonly coefficients: Tensor;
  /** What is compared of hidden states, if they are. */
  readonly compared?: HiddenComparison | undefined;
}

function teach(
  tokens: Tensor,
  teacher: Teacher | StoredLogits,
  { batch, sequence }: LossOptions,
  compared: HiddenComparison | undefined,
): Taught {
  const { graph, size } = tokens;
  const coefficients = () => graph.input("coefficients", [3]);
  if ("entries" in teacher) {
    const ids = graph.input("teacherIds", [size, teacher.entries], "u32");
    const masses = graph.input("teacherMasses", [size, teacher.entries + 1]);
    return { teacher: { ids, masses }, coefficients: coefficients() };
  }
  const { config, pages } = teacher;
  const parameters = declareParameters(graph, pages, "parameters", `${TEACHER}.`);
  const hidden = hiddenStates(tokens, parameters, config, { batch, sequence, tap: compared?.taps.teacher });
  const layer = { hidden, weight: outputProjection(parameters, config) };
  return { teacher: layer, coefficients: coefficients(), compared };
}

type Losses = Omit<LossGraph, "graph">;

function compare(
  { targets, gradient, ...student }: OutputLayer & { readonly targets: Tensor; readonly gradient?: Tensor },
  taught: Taught | undefined,
  { scale = 1, divergence = "forward_kl", divergenceWeight: weight = 0.5 }: LossOptions,
): Losses {
  if (!taught) {
    return {
      loss: linearCrossEntropy(student.hidden, student.weight, targets, { scale, ...(gradient && { gradient }) }),
    };
  }
  const { teacher, coefficients, compared } = taught;
  const common = { student, targets, coefficients, scale, gradient };
  if ("hidden" in teacher) {
    const losses = distillation({ ...common, teacher, divergence, weight });
    if (!compared) return losses;
    const hidden = compared.losses(scale);
    return { ...losses, loss: add(losses.loss, hidden.loss), hiddenLoss: hidden.unweighted };
  }
  if (divergence === "forward_kl") return sparseDistillation({ ...common, teacher });
  throw new RangeError(`Cannot learn from stored logits: 'divergence' must be forward_kl, found ${divergence}`);
}

function outputs(graph: Graph, losses: Losses): LossGraph {
  for (const tensor of Object.values(losses)) graph.output(tensor);
  return { graph, ...losses };
}
