/**
 * The mean of what several teachers think.
 *
 * @module
 */

import type { Model } from "../model/model.ts";
import { type ProbabilityChunk, TeacherPass, type TeacherPassOptions } from "./teacher_pass.ts";

/**
 * Forward passes of teachers of one vocabulary to the mean of their probabilities, as in Hinton et al. 2015
 * (arXiv 1503.02531, section 5). Dispose of it to free its memory; the models stay.
 */
export class EnsemblePass implements Disposable {
  readonly #passes: readonly TeacherPass[];
  readonly #owned: Disposable;

  private constructor(passes: readonly TeacherPass[], owned: Disposable) {
    this.#passes = passes;
    this.#owned = owned;
  }

  /** Compiles the pass of each teacher. */
  static async create(teachers: readonly Model[], options: TeacherPassOptions): Promise<EnsemblePass> {
    using cleanup = new DisposableStack();
    const passes: TeacherPass[] = [];
    for (const teacher of teachers) passes.push(cleanup.use(await TeacherPass.create(teacher, options)));
    return new EnsemblePass(passes, cleanup.move());
  }

  /**
   * Computes the probabilities of windows, at most a batch of them, chunk by chunk.
   *
   * @param windows The tokens of each.
   */
  async *run(windows: readonly Uint32Array<ArrayBuffer>[]): AsyncGenerator<ProbabilityChunk> {
    // Their vocabulary is the same, and so are their chunks.
    const [first, ...others] = this.#passes.map((pass) => pass.run(windows));
    const scale = 1 / this.#passes.length;
    for await (const chunk of first!) {
      const { probabilities } = chunk;
      for (const other of others) {
        const { probabilities: more } = (await other.next()).value as ProbabilityChunk;
        for (let i = 0; i < more.length; i++) probabilities[i]! += more[i]!;
      }
      for (let i = 0; i < probabilities.length; i++) probabilities[i]! *= scale;
      yield chunk;
    }
  }

  [Symbol.dispose](): void {
    this.#owned[Symbol.dispose]();
  }
}
