/**
 * One optimizer step as two programs, sent to the device as one submission.
 *
 * @module
 */

import type { Batch } from "../data/batches.ts";
import { embeddingBuckets } from "../data/buckets.ts";
import type { Program, Ring, Store } from "../devices/device.ts";
import { Graph } from "../graph/graph.ts";
import { type Plan, plan } from "../graph/plan.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Moments } from "../io/checkpoint.ts";
import { lossGraph } from "../model/loss.ts";
import { type Model, pageEntries, readPages, writePages } from "../model/model.ts";
import { decayFlags, declarePages, pageName, type Pages } from "../model/pages.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import { adamw, type AdamWOptions } from "../ops/adamw/mod.ts";
import { axpy } from "../ops/add/mod.ts";
import { clip } from "../ops/clip/mod.ts";
import { sumOfSquares } from "../ops/sum/mod.ts";
import { Random } from "../random.ts";

/** The shape of a step and the optimizer's constants. */
export interface StepOptions extends AdamWOptions {
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
}

/** Numbers that a step reports. */
export const RESULTS = 2;

/** What a step reports. */
export interface StepResult {
  /** Mean loss of the step's tokens before the update, in nats. */
  readonly loss: number;
  /** Global norm of the gradient before clipping. */
  readonly gradientNorm: number;
}

/** The graphs of a step: one for a pass, one for the update. */
export interface StepGraphs {
  readonly pass: Plan;
  readonly update: Plan;
  /** The step's summed loss and gradient norm: outputs of `update`. */
  readonly results: readonly Tensor[];
}

/** Records and plans a step without a device; `--dry-run` reads its sizes. */
export function stepGraphs(config: GPTNeoXConfig, pages: Pages, options: StepOptions): StepGraphs {
  const { microBatch: batch, sequence, accumulation, dropout = 0 } = options;
  const scale = 1 / (batch * sequence * accumulation);
  const { graph, loss } = lossGraph(config, pages, { batch, sequence, scale, gradients: true, dropout });
  axpy(graph.persistent("loss", [1], "state"), loss);

  const update = new Graph();
  const scalars = update.input("scalars", [3]);
  const total = update.persistent("loss", [1], "state");
  const gradients = declarePages(update, pages, "gradients") as [Tensor, ...Tensor[]];
  const parameters = declarePages(update, pages, "parameters");
  const first = declarePages(update, pages, "first");
  const second = declarePages(update, pages, "second");
  const { norm, factor } = clip(sumOfSquares(...gradients), options.clip);
  gradients.forEach((gradient, page) => {
    const flags = decayFlags(pages, page);
    const decays = update.constant(`decays.${page}`, [flags.length], flags);
    const tensors = { scalars, factor, decays, gradient, parameter: parameters[page]! };
    adamw({ ...tensors, first: first[page]!, second: second[page]! }, options);
  });
  return { pass: plan(graph), update: plan(update), results: [total, update.output(norm)] };
}

/** A step that is compiled and ready: every submission of it only writes its inputs. */
export class TrainingStep implements Disposable {
  readonly #model: Model;
  readonly #options: StepOptions;
  readonly #state: Store;
  readonly #pass: Program;
  readonly #update: Program;
  readonly #results: readonly Tensor[];
  readonly #ring: Ring;
  readonly #drops: Random;

  private constructor(
    model: Model,
    options: StepOptions,
    parts: { state: Store; pass: Program; update: Program; results: readonly Tensor[]; ring: Ring },
  ) {
    this.#model = model;
    this.#options = options;
    this.#state = parts.state;
    this.#pass = parts.pass;
    this.#update = parts.update;
    this.#results = parts.results;
    this.#ring = parts.ring;
    this.#drops = new Random(options.seed ?? 0, "dropout");
  }

  /** Allocates gradients and optimizer state, and compiles the step's programs. */
  static async create(model: Model, options: StepOptions): Promise<TrainingStep> {
    const { device, pages, config } = model;
    using cleanup = new DisposableStack();
    const { pass, update, results } = stepGraphs(config, pages, options);
    const state = cleanup.use(await device.createStore(stateEntries(pages)));
    const stores = [model.store, state];
    const parts = {
      state,
      pass: cleanup.use(await device.compile(pass, stores)),
      update: cleanup.use(await device.compile(update, stores)),
      results,
      ring: cleanup.use(device.createRing(RESULTS, options.pending)),
    };
    cleanup.move();
    return new TrainingStep(model, options, parts);
  }

  /** Results that wait to be drained. */
  get pending(): number {
    return this.#ring.pending;
  }

  /**
   * Sends one step to the device and returns at once.
   *
   * @param batches `accumulation` micro-batches.
   * @param step The step's number, from 1; AdamW corrects its running means by it.
   */
  submit(batches: readonly Batch[], lr: number, step: number): void {
    const { device, pages } = this.#model;
    const { beta1, beta2, accumulation, dropout = 0 } = this.#options;
    if (batches.length !== accumulation) {
      throw new RangeError(`Cannot run step ${step}: it takes ${accumulation} micro-batches, found ${batches.length}`);
    }
    const scalars = new Float32Array([lr, 1 / (1 - beta1 ** step), 1 / (1 - beta2 ** step)]);
    device.submit((recorder) => {
      recorder.clear(this.#state, "loss");
      pages.sizes.forEach((_, page) => recorder.clear(this.#state, pageName("gradients", page)));
      batches.forEach(({ tokens, targets }, pass) => {
        const key = dropout > 0 ? { dropout: this.#dropoutKey(step * accumulation + pass) } : {};
        recorder.run(this.#pass, { tokens, targets, ...embeddingBuckets(tokens), ...key });
      });
      recorder.run(this.#update, { scalars });
      recorder.keep(this.#ring, this.#update, this.#results);
    });
  }

  /** Waits for the device and returns the results of all steps since the last drain. */
  async drain(): Promise<StepResult[]> {
    const rows = await this.#ring.drain();
    return rows.map(([loss, gradientNorm]) => ({ loss: loss!, gradientNorm: gradientNorm! }));
  }

  /** Reads AdamW's running means. */
  async moments(): Promise<Moments> {
    const { pages } = this.#model;
    return {
      first: await readPages(this.#state, pages, "first"),
      second: await readPages(this.#state, pages, "second"),
    };
  }

  /** Sets AdamW's running means, to continue from a checkpoint. */
  restore(moments: Moments): void {
    writePages(this.#state, this.#model.pages, "first", moments.first);
    writePages(this.#state, this.#model.pages, "second", moments.second);
  }

  /** Keys follow from the seed and the place in the run, so that a resumed run drops what the whole one does. */
  #dropoutKey(pass: number): Uint32Array<ArrayBuffer> {
    return Uint32Array.of(this.#drops.uint32(2 * pass), this.#drops.uint32(2 * pass + 1));
  }

  [Symbol.dispose](): void {
    for (const part of [this.#ring, this.#update, this.#pass, this.#state]) part[Symbol.dispose]();
  }
}

function stateEntries(pages: Pages) {
  return [
    { name: "loss", size: 1 },
    ...pageEntries(pages, "gradients"),
    ...pageEntries(pages, "first"),
    ...pageEntries(pages, "second"),
  ];
}
