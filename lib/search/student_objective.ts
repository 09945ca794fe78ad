/**
 * Students as candidates of a search.
 *
 * @module
 */

import type { Model } from "../model/model.ts";
import { settled } from "../settled.ts";
import { extract } from "../subnet/extract.ts";
import { type HeadOptions, studentConfig } from "../subnet/student_config.ts";
import type { SubNetwork } from "../subnet/sub_network.ts";
import type { Judge } from "./judges/judge.ts";
import type { Objective } from "./problem.ts";

/** Judges sub-networks of a teacher by the students that they are. */
export class StudentObjective implements Objective<SubNetwork> {
  readonly #teacher: Model;
  readonly #judge: Judge;
  readonly #heads: HeadOptions;

  /**
   * Joins a teacher, which stays the caller's, and a judge of its students.
   *
   * @param heads How heads that lose dimensions are inherited.
   */
  constructor(teacher: Model, judge: Judge, heads: HeadOptions = {}) {
    this.#teacher = teacher;
    this.#judge = judge;
    this.#heads = heads;
  }

  /** Students that the judge takes at a time. */
  get batch(): number {
    return this.#judge.atOnce ?? 1;
  }

  /** Extracts each student and has it judged, as many at a time as the judge takes. */
  async evaluate(candidates: readonly SubNetwork[], level: number): Promise<number[]> {
    const fitnesses: number[] = [];
    for (let first = 0; first < candidates.length; first += this.batch) {
      const some = candidates.slice(first, first + this.batch);
      fitnesses.push(...await settled(some.map((candidate) => this.#judged(candidate, level))));
    }
    return fitnesses;
  }

  async #judged(candidate: SubNetwork, level: number): Promise<number> {
    using student = await extract(this.#teacher, candidate, this.#heads);
    return await this.#judge.judge(student, level, candidate);
  }

  /** Counts the FLOPs of a judgement. */
  price(candidate: SubNetwork, level: number): number {
    return this.#judge.price(studentConfig(this.#teacher.config, candidate, this.#heads), level);
  }
}
