/**
 * One optimizer step as two programs, sent to the device as one submission.
 *
 * @module
 */

import type { Batch } from "../data/batches.ts";
import { embeddingBuckets } from "../data/buckets.ts";
import type { Program, Ring, Store } from "../devices/device.ts";
import type { Entries } from "../distill/store/records.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Moments, ProjectionState } from "../io/checkpoint.ts";
import { PROJECTION } from "../model/hidden_alignment.ts";
import type { StoredLogits } from "../model/loss.ts";
import { Model, pageEntries, readPages, writePages } from "../model/model.ts";
import { pageName, type Pages, TEACHER } from "../model/pages.ts";
import { Random } from "../random.ts";
import { Projection } from "./projection.ts";
import { stepGraphs, type StepOptions } from "./step_graphs.ts";

export { type StepGraphs, stepGraphs, type StepOptions } from "./step_graphs.ts";

/** What a step reports. */
export interface StepResult {
  /** Mean loss of the step's tokens before the update, in nats. */
  readonly loss: number;
  /** Global norm of the gradient before clipping. */
  readonly gradientNorm: number;
  /** Mean cross-entropy, where the student has a teacher: the loss, in a step without it. */
  readonly crossEntropy?: number;
  /** Mean divergence from the teacher at the temperature, in steps that have it. */
  readonly divergence?: number;
  /** Mean loss between hidden states, in steps that have the teacher and compare them. */
  readonly hiddenLoss?: number;
}

/** What a step with a teacher weighs: the coefficients of {@linkcode distillation}. */
export interface Coefficients {
  /** Weight of the cross-entropy. */
  readonly alpha: number;
  /** Weight of the divergence, times the squared temperature. */
  readonly beta: number;
  /** What both models' logits are divided by in the divergence; above 0. */
  readonly temperature: number;
  /** Weight of the loss between hidden states, where they are compared. @default {0} */
  readonly gamma?: number;
}

/** Stored logits of a teacher, by the tokens that it read. */
export interface LogitSource extends StoredLogits {
  /**
   * Returns what is known of each position.
   *
   * @param tokens `[batch, sequence]`.
   */
  read(tokens: Uint32Array<ArrayBuffer>): Entries;
}

const NEEDS_COEFFICIENTS = "with a teacher it takes 'coefficients', found none; create it with 'untaught'";

/** What a step is made of on its device. */
interface Parts {
  readonly state: Store;
  readonly sums: readonly string[];
  /** The passes with a teacher and without, where there are such steps. */
  readonly taught: Program | undefined;
  readonly untaught: Program | undefined;
  /** Where the teacher's logits are read, if they are stored. */
  readonly source: LogitSource | undefined;
  readonly update: Program;
  /** What is trained with the student to compare its hidden states. */
  readonly projection: Projection | undefined;
  readonly results: readonly Tensor[];
  readonly ring: Ring;
}

/** A step that is compiled and ready: every submission of it only writes its inputs. */
export class TrainingStep implements Disposable {
  readonly #model: Model;
  readonly #options: StepOptions;
  readonly #parts: Parts;
  readonly #drops: Random;
  /** Whether each of the results that wait to be drained is of a step with a teacher. */
  #taught: boolean[] = [];

  private constructor(model: Model, options: StepOptions, parts: Parts) {
    this.#model = model;
    this.#options = options;
    this.#parts = parts;
    this.#drops = new Random(options.seed ?? 0, "dropout");
  }

  /**
   * Allocates gradients and optimizer state, and compiles the step's programs.
   *
   * @param teacher What the model learns from besides the text: a model on the same device, or stored logits; it stays
   *   the caller's. @default none
   * @throws {RangeError} If the teacher has another vocabulary.
   */
  static async create(model: Model, options: StepOptions, teacher?: Model | LogitSource): Promise<TrainingStep> {
    const { device, pages, config } = model;
    using cleanup = new DisposableStack();
    const { pass, untaught, update, sums, results } = stepGraphs(config, pages, options, teacher);
    const state = cleanup.use(await device.createStore(stateEntries(pages, sums)));
    const { hidden, seed = 0 } = options;
    const projection = teacher instanceof Model && hidden
      ? cleanup.use(await Projection.create(device, hidden, config, teacher.config, seed))
      : undefined;
    const stores = [model.store, state];
    const trained = projection ? { "": stores, [PROJECTION]: projection.store } : { "": stores };
    const compiled = cleanup.use(
      await device.compile(pass, teacher instanceof Model ? { ...trained, [TEACHER]: teacher.store } : trained),
    );
    const parts = {
      state,
      sums,
      taught: teacher && compiled,
      untaught: teacher ? untaught && cleanup.use(await device.compile(untaught, stores)) : compiled,
      source: teacher instanceof Model ? undefined : teacher,
      update: cleanup.use(await device.compile(update, trained)),
      projection,
      results,
      ring: cleanup.use(device.createRing(results.length, options.pending)),
    };
    cleanup.move();
    return new TrainingStep(model, options, parts);
  }

  /** Results that wait to be drained. */
  get pending(): number {
    return this.#parts.ring.pending;
  }

  /**
   * Sends one step to the device and returns at once.
   *
   * @param batches `accumulation` micro-batches.
   * @param step The step's number, from 1; AdamW corrects its running means by it.
   * @param coefficients How cross-entropy and divergence are weighed in a step with the teacher. @default a step without
   */
  submit(batches: readonly Batch[], lr: number, step: number, coefficients?: Coefficients): void {
    const { device, pages } = this.#model;
    const { beta1, beta2, accumulation, dropout = 0, hidden } = this.#options;
    const { state, sums, source, update, projection, results, ring } = this.#parts;
    const refuse = (rule: string) => {
      throw new RangeError(`Cannot run step ${step}: ${rule}`);
    };
    if (batches.length !== accumulation) {
      refuse(`it takes ${accumulation} micro-batches, found ${batches.length}`);
    }
    const program = coefficients ? this.#parts.taught : this.#parts.untaught;
    if (!program) refuse(coefficients ? "'coefficients' need a teacher, found none" : NEEDS_COEFFICIENTS);
    const weights = coefficients && {
      coefficients: Float32Array.of(coefficients.alpha, coefficients.beta, coefficients.temperature),
      ...(hidden && { gamma: Float32Array.of(coefficients.gamma ?? 0) }),
    };
    const scalars = new Float32Array([lr, 1 / (1 - beta1 ** step), 1 / (1 - beta2 ** step)]);
    device.submit((recorder) => {
      for (const name of sums) recorder.clear(state, name);
      pages.sizes.forEach((_, page) => recorder.clear(state, pageName("gradients", page)));
      projection?.pages.sizes.forEach((_, page) => recorder.clear(projection.store, pageName("gradients", page)));
      batches.forEach(({ tokens, targets }, pass) => {
        const key = dropout > 0 ? { dropout: this.#dropoutKey(step * accumulation + pass) } : {};
        const known = coefficients && source?.read(tokens);
        const lesson = known ? { teacherIds: known.ids, teacherMasses: known.masses } : {};
        recorder.run(program!, { tokens, targets, ...embeddingBuckets(tokens), ...key, ...weights, ...lesson });
      });
      recorder.run(update, { scalars });
      recorder.keep(ring, update, results);
    });
    this.#taught.push(coefficients !== undefined);
  }

  /** Waits for the device and returns the results of all steps since the last drain. */
  async drain(): Promise<StepResult[]> {
    const taught = this.#taught;
    this.#taught = [];
    const rows = await this.#parts.ring.drain();
    return rows.map((row, i) => {
      const [loss, gradientNorm] = [row[0]!, row.at(-1)!];
      if (!this.#parts.taught) return { loss, gradientNorm };
      if (!taught[i]) return { loss, gradientNorm, crossEntropy: loss };
      const [, crossEntropy, divergence, hiddenLoss] = row.slice(0, -1);
      return {
        ...{ loss, gradientNorm, crossEntropy: crossEntropy!, divergence: divergence! },
        ...(hiddenLoss !== undefined && { hiddenLoss }),
      };
    });
  }

  /** Reads AdamW's running means. */
  async moments(): Promise<Moments> {
    const { pages } = this.#model;
    return {
      first: await readPages(this.#parts.state, pages, "first"),
      second: await readPages(this.#parts.state, pages, "second"),
    };
  }

  /** Reads the projection that is trained with the student, where there is one. */
  async projection(): Promise<ProjectionState | undefined> {
    return await this.#parts.projection?.state();
  }

  /**
   * Sets AdamW's running means and the projection, to continue from a checkpoint.
   *
   * @throws {RangeError} If there is a projection to set and none is given.
   */
  restore(moments: Moments, projection?: ProjectionState): void {
    writePages(this.#parts.state, this.#model.pages, "first", moments.first);
    writePages(this.#parts.state, this.#model.pages, "second", moments.second);
    if (!this.#parts.projection) return;
    if (!projection) throw new RangeError("Cannot restore this step: it must have a 'projection', found none");
    this.#parts.projection.restore(projection);
  }

  /** Keys follow from the seed and the place in the run, so that a resumed run drops what the whole one does. */
  #dropoutKey(pass: number): Uint32Array<ArrayBuffer> {
    return Uint32Array.of(this.#drops.uint32(2 * pass), this.#drops.uint32(2 * pass + 1));
  }

  [Symbol.dispose](): void {
    const { ring, update, untaught, taught, projection, state } = this.#parts;
    for (const part of [ring, update, untaught, taught, projection, state]) part?.[Symbol.dispose]();
  }
}

function stateEntries(pages: Pages, sums: readonly string[]) {
  return [
    ...sums.map((name) => ({ name, size: 1 })),
    ...pageEntries(pages, "gradients"),
    ...pageEntries(pages, "first"),
    ...pageEntries(pages, "second"),
  ];
}
