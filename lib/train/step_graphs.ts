/**
 * One optimizer step as graphs.
 *
 * @module
 */

import { Graph } from "../graph/graph.ts";
import { type Plan, plan } from "../graph/plan.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import { type DivergenceOptions, lossGraph, type StoredLogits, type Teacher } from "../model/loss.ts";
import { type HiddenAlignment, PROJECTION, projectionPages } from "../model/hidden_alignment.ts";
import { decayFlags, declarePages, type Pages } from "../model/pages.ts";
import { adamw, type AdamWOptions } from "../ops/adamw/mod.ts";
import { axpy } from "../ops/add/mod.ts";
import { clip } from "../ops/clip/mod.ts";
import { sumOfSquares } from "../ops/sum/mod.ts";

/** The shape of a step and the optimizer's constants. */
export interface StepOptions extends AdamWOptions, DivergenceOptions {
  /** Sequences of one pass over the model. */
  readonly microBatch: number;
  /** Passes of one step; their gradients are added up. */
  readonly accumulation: number;
  /** Tokens a sequence. */
  readonly sequence: number;
  /** Largest global norm of the gradient; 0 turns clipping off. */
  readonly clip: number;
  /** Probability of dropout. @default {0} */
  readonly dropout?: number;
  /** Decides what is dropped. @default {0} */
  readonly seed?: number;
  /** Steps between two drains, at most. */
  readonly pending: number;
  /** Whether some steps of a student go without its teacher. @default {false} */
  readonly untaught?: boolean;
  /** Which hidden states of student and teacher are compared, and how. @default none */
  readonly hidden?: HiddenAlignment | undefined;
}

/** The graphs of a step: one for a pass, one for the update. */
export interface StepGraphs {
  readonly pass: Plan;
  /** The pass of a student without its teacher, where some steps go without. */
  readonly untaught?: Plan;
  readonly update: Plan;
  /** Names of the scalars in which passes add up: `loss` and, with a teacher, its parts. */
  readonly sums: readonly string[];
  /** The step's sums and gradient norm: outputs of `update`. */
  readonly results: readonly Tensor[];
}

/**
 * Records and plans a step without a device; `--dry-run` reads its sizes.
 *
 * @param teacher Makes the loss one of distillation.
 */
export function stepGraphs(
  config: GPTNeoXConfig,
  pages: Pages,
  options: StepOptions,
  teacher?: Teacher | StoredLogits,
): StepGraphs {
  const record = (teacher?: Teacher | StoredLogits) => passGraph(config, pages, options, teacher);
  const { hidden } = options;
  const sums = teacher ? hidden ? SUMS : SUMS.slice(0, 3) : SUMS.slice(0, 1);
  const projection = teacher && "config" in teacher && hidden && projectionPages(hidden, config, teacher.config);

  const update = new Graph();
  const scalars = update.input("scalars", [3]);
  const totals = sums.map((name) => update.persistent(name, [1], "state"));
  const trained = [pagesIn(update, pages), ...(projection ? [pagesIn(update, projection, `${PROJECTION}.`)] : [])];
  const gradients = trained.flatMap((each) => each.map(({ gradient }) => gradient)) as [Tensor, ...Tensor[]];
  const { norm, factor } = clip(sumOfSquares(...gradients), options.clip);
  const results = [...totals, update.output(norm)];
  for (const tensors of trained.flat()) adamw({ ...tensors, scalars, factor }, options);
  return {
    pass: plan(record(teacher)),
    ...(teacher && options.untaught && { untaught: plan(record()) }),
    update: plan(update),
    sums,
    results,
  };
}

/** Declares the pages that an update reads and changes, with the flags of what decays. */
function pagesIn(update: Graph, pages: Pages, prefix = "") {
  const gradients = declarePages(update, pages, "gradients", prefix);
  const parameters = declarePages(update, pages, "parameters", prefix);
  const first = declarePages(update, pages, "first", prefix);
  const second = declarePages(update, pages, "second", prefix);
  return gradients.map((gradient, page) => {
    const flags = decayFlags(pages, page);
    const decays = update.constant(`${prefix}decays.${page}`, [flags.length], flags);
    return { decays, gradient, parameter: parameters[page]!, first: first[page]!, second: second[page]! };
  });
}

const SUMS = ["loss", "crossEntropy", "divergence", "hiddenLoss"] as const;

function passGraph(config: GPTNeoXConfig, pages: Pages, options: StepOptions, teacher?: Teacher | StoredLogits): Graph {
  const { microBatch: batch, sequence, accumulation } = options;
  const scale = 1 / (batch * sequence * accumulation);
  const { graph, ...losses } = lossGraph(config, pages, { ...options, batch, scale, gradients: true, teacher });
  for (const name of SUMS) {
    const loss = losses[name];
    if (loss) axpy(graph.persistent(name, [1], "state"), loss);
  }
  return graph;
}
