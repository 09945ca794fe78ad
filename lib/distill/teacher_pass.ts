/**
 * A teacher's probabilities of every position of some windows.
 *
 * @module
 */

import type { BatchShape } from "../data/batches.ts";
import type { Program } from "../devices/device.ts";
import { Graph } from "../graph/graph.ts";
import { plan } from "../graph/plan.ts";
import { BYTES_PER_ELEMENT, type Tensor } from "../graph/tensor.ts";
import { hiddenStates, outputProjection } from "../model/gpt_neox.ts";
import type { Model } from "../model/model.ts";
import { declareParameters } from "../model/pages.ts";
import { linear } from "../ops/matmul/mod.ts";
import { softmax } from "../ops/softmax/mod.ts";

/** The shape of a pass, and how many of its positions are looked at together. */
export interface TeacherPassOptions extends BatchShape {
  /** What logits are divided by. */
  readonly temperature: number;
  /** Positions whose probabilities exist at a time; each chunk of them is waited for once. @default as many as fit 32 MiB */
  readonly chunk?: number;
}

/** Bytes of the probabilities of a chunk. */
const CHUNK_BYTES = 32 * 1024 * 1024;

/** The probabilities of some positions. */
export interface ProbabilityChunk {
  /** The first of the positions, counted over all windows. */
  readonly first: number;
  /** `[positions, vocabulary]`. */
  readonly probabilities: Float32Array<ArrayBuffer>;
}

interface PassShape extends BatchShape {
  readonly width: number;
  readonly vocabulary: number;
  readonly chunk: number;
}

/** A compiled forward pass to probabilities at a temperature. Dispose of it to free its memory; the model stays. */
export class TeacherPass implements Disposable {
  readonly #shape: PassShape;
  readonly #body: Program;
  readonly #hidden: Tensor;
  readonly #head: Program;
  readonly #probabilities: Tensor;

  private constructor(
    shape: PassShape,
    [body, hidden]: readonly [Program, Tensor],
    [head, probabilities]: readonly [Program, Tensor],
  ) {
    this.#shape = shape;
    this.#body = body;
    this.#hidden = hidden;
    this.#head = head;
    this.#probabilities = probabilities;
  }

  /** Compiles the pass. */
  static async create(
    { config, pages, device, store }: Model,
    { batch, sequence, temperature, chunk: most }: TeacherPassOptions,
  ): Promise<TeacherPass> {
    const { width, vocabularySize: vocabulary } = config;
    const fitting = Math.max(1, Math.floor(CHUNK_BYTES / (BYTES_PER_ELEMENT * vocabulary)));
    const chunk = Math.min(batch * sequence, most ?? fitting);
    const body = new Graph();
    const tokens = body.input("tokens", [batch * sequence], "u32");
    const parameters = declareParameters(body, pages, "parameters");
    const hidden = body.output(hiddenStates(tokens, parameters, config, { batch, sequence }));
    const head = new Graph();
    const weight = outputProjection(declareParameters(head, pages, "parameters"), config);
    const probabilities = head.output(softmax(linear(head.input("hidden", [chunk, width]), weight), temperature));
    using cleanup = new DisposableStack();
    const programs = [
      cleanup.use(await device.compile(plan(body), [store])),
      cleanup.use(await device.compile(plan(head), [store])),
    ] as const;
    cleanup.move();
    return new TeacherPass(
      { batch, sequence, width, vocabulary, chunk },
      [programs[0], hidden],
      [programs[1], probabilities],
    );
  }

  /**
   * Computes the probabilities of windows, at most a batch of them, chunk by chunk.
   *
   * @param windows The tokens of each.
   */
  async *run(windows: readonly Uint32Array<ArrayBuffer>[]): AsyncGenerator<ProbabilityChunk> {
    const { batch, sequence, width, vocabulary, chunk } = this.#shape;
    const tokens = new Uint32Array(batch * sequence); // where windows are few, the rest reads token 0
    windows.forEach((window, i) => tokens.set(window, i * sequence));
    this.#body.run({ tokens });
    const hidden = await this.#body.read(this.#hidden);
    const positions = windows.length * sequence;
    for (let first = 0; first < positions; first += chunk) {
      const count = Math.min(chunk, positions - first);
      const part = new Float32Array(chunk * width);
      part.set(hidden.subarray(first * width, (first + count) * width));
      this.#head.run({ hidden: part });
      const probabilities = await this.#head.read(this.#probabilities);
      yield { first, probabilities: probabilities.subarray(0, count * vocabulary) };
    }
  }

  [Symbol.dispose](): void {
    this.#head[Symbol.dispose]();
    this.#body[Symbol.dispose]();
  }
}
