/**
 * The loss of a model on text that it was not trained on.
 *
 * @module
 */

import { bitsPerByte } from "../data/bits_per_byte.ts";
import { type TokenArray, validationBatches } from "../data/batches.ts";
import type { Program, Ring } from "../devices/device.ts";
import { plan } from "../graph/plan.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lossGraph } from "../model/loss.ts";
import type { Model } from "../model/model.ts";

/** What an evaluation measures. */
export interface Evaluation {
  /** Mean cross-entropy per token, in nats. */
  readonly loss: number;
  /** `exp(loss)`. */
  readonly perplexity: number;
  /** The loss per byte of text, in bits; it alone compares across tokenizers. */
  readonly bitsPerByte: number;
  /** Tokens that were predicted. */
  readonly tokens: number;
}

/** What an evaluator needs besides the model. */
export interface EvaluatorOptions {
  /** Tokens of the validation split. */
  readonly tokens: TokenArray;
  /** Bytes of validation text per token of it. */
  readonly bytesPerToken: number;
  /** Sequences of one pass, at most. */
  readonly batch: number;
  /** Tokens a sequence. */
  readonly sequence: number;
  /** Tokens to evaluate on, at most. @default {Infinity} */
  readonly limit?: number;
}

/** Batches that are on their way to the device at a time. */
export const VALIDATIONS_IN_FLIGHT = 16;

/** Evaluates a model again and again on the same windows, spread evenly over the validation split. */
export class Evaluator implements Disposable {
  readonly #model: Model;
  readonly #options: EvaluatorOptions;
  readonly #batch: number;
  readonly #program: Program;
  readonly #loss: Tensor;
  readonly #ring: Ring;

  private constructor(model: Model, options: EvaluatorOptions, batch: number, program: Program, loss: Tensor) {
    this.#model = model;
    this.#options = options;
    this.#batch = batch;
    this.#program = program;
    this.#loss = loss;
    this.#ring = model.device.createRing(1, VALIDATIONS_IN_FLIGHT);
  }

  /** Compiles the forward pass for the evaluator's batches. */
  static async create(model: Model, options: EvaluatorOptions): Promise<Evaluator> {
    const { tokens, sequence, limit = Infinity } = options;
    const windows = Math.min(Math.floor((tokens.length - 1) / sequence), Math.floor(limit / sequence));
    const batch = Math.max(1, Math.min(options.batch, windows));
    const { graph, loss } = lossGraph(model.config, model.pages, { batch, sequence });
    const program = await model.device.compile(plan(graph), [model.store]);
    return new Evaluator(model, options, batch, program, loss);
  }

  /** Measures the model as it is now. */
  async evaluate(): Promise<Evaluation> {
    const { tokens, sequence, limit = Infinity, bytesPerToken } = this.#options;
    const shape = { batch: this.#batch, sequence };
    const batches = validationBatches(tokens, shape, Math.max(1, Math.floor(limit / (this.#batch * sequence))));
    let sum = 0;
    for (let i = 0; i < batches.length; i++) {
      const { tokens, targets } = batches[i]!;
      this.#model.device.submit((recorder) => {
        recorder.run(this.#program, { tokens, targets });
        recorder.keep(this.#ring, this.#program, [this.#loss]);
      });
      if (this.#ring.pending === this.#ring.capacity || i === batches.length - 1) {
        for (const [loss] of await this.#ring.drain()) sum += loss!;
      }
    }
    const count = batches.length * this.#batch * sequence;
    const loss = sum / count;
    return { loss, perplexity: Math.exp(loss), bitsPerByte: bitsPerByte(loss, bytesPerToken), tokens: count };
  }

  /** Frees the compiled pass; the model stays. */
  [Symbol.dispose](): void {
    this.#ring[Symbol.dispose]();
    this.#program[Symbol.dispose]();
  }
}
