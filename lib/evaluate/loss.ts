/**
 * The loss of a model on text that it was not trained on.
 *
 * @module
 */

import { bitsPerByte } from "../data/bits_per_byte.ts";
import { type Batch, type TokenArray, validationBatches } from "../data/batches.ts";
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
  /** Tokens that an evaluation predicts: those of whole batches of whole windows, as far as limit and split go. */
  readonly tokens: number;
  readonly #model: Model;
  readonly #bytesPerToken: number;
  readonly #batches: readonly Batch[];
  readonly #program: Program;
  readonly #loss: Tensor;
  readonly #ring: Ring;

  private constructor(
    model: Model,
    { bytesPerToken }: EvaluatorOptions,
    batches: readonly Batch[],
    program: Program,
    loss: Tensor,
    ring: Ring,
  ) {
    this.tokens = batches.reduce((sum, { tokens }) => sum + tokens.length, 0);
    this.#model = model;
    this.#bytesPerToken = bytesPerToken;
    this.#batches = batches;
    this.#program = program;
    this.#loss = loss;
    this.#ring = ring;
  }

  /**
   * Chooses the windows and compiles the forward pass for their batches.
   *
   * @throws {RangeError} If the split is shorter than one window, or has tokens that the model does not know.
   */
  static async create(model: Model, options: EvaluatorOptions): Promise<Evaluator> {
    const { tokens, sequence, limit = Infinity } = options;
    const windows = Math.min(Math.floor((tokens.length - 1) / sequence), Math.floor(limit / sequence));
    const batch = Math.max(1, Math.min(options.batch, windows));
    const shape = { batch, sequence };
    const batches = validationBatches(tokens, shape, Math.max(1, Math.floor(limit / (batch * sequence))));
    checkTokens(batches, model.config.vocabularySize);
    const { graph, loss } = lossGraph(model.config, model.pages, shape);
    using cleanup = new DisposableStack();
    const program = cleanup.use(await model.device.compile(plan(graph), [model.store]));
    const ring = cleanup.use(model.device.createRing(1, VALIDATIONS_IN_FLIGHT));
    cleanup.move();
    return new Evaluator(model, options, batches, program, loss, ring);
  }

  /** Measures the model as it is now. */
  async evaluate(): Promise<Evaluation> {
    const batches = this.#batches;
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
    const { tokens } = this;
    const loss = sum / tokens;
    return { loss, perplexity: Math.exp(loss), bitsPerByte: bitsPerByte(loss, this.#bytesPerToken), tokens };
  }

  /** Frees the compiled pass; the model stays. */
  [Symbol.dispose](): void {
    this.#ring[Symbol.dispose]();
    this.#program[Symbol.dispose]();
  }
}

/** A kernel would read past the end of the table of embeddings, and give a loss that looks like one. */
function checkTokens(batches: readonly Batch[], vocabularySize: number): void {
  for (const each of batches.flatMap(({ tokens, targets }) => [tokens, targets])) {
    const found = each.find((token) => token >= vocabularySize);
    if (found === undefined) continue;
    throw new RangeError(
      `Cannot evaluate: tokens must be below the model's ${vocabularySize}, found ${found}; ` +
        "use the model's own tokenizer",
    );
  }
}
