/**
 * Judging by an untrained student's divergence from its teacher.
 *
 * @module
 */

import type { Batch } from "../../data/batches.ts";
import { Graph } from "../../graph/graph.ts";
import { plan } from "../../graph/plan.ts";
import type { GPTNeoXConfig } from "../../model/config.ts";
import { capture } from "../../model/forward.ts";
import { forwardFlopsPerToken as forwardFlops } from "../../model/flops.ts";
import { hiddenStates, outputProjection } from "../../model/gpt_neox.ts";
import type { Model } from "../../model/model.ts";
import { declareParameters, STUDENT, TEACHER } from "../../model/pages.ts";
import { distillation } from "../../ops/distillation/mod.ts";
import { Calibration, type CalibrationOptions } from "./calibration.ts";
import type { Judge } from "./judge.ts";

/** What the teacher makes of a pass: its hidden states after the final norm. */
interface Taught extends Batch {
  readonly hidden: Float32Array<ArrayBuffer>;
}

/**
 * Judges by the mean forward KL divergence, in nats a token, of students as they are from the teacher: what distillation
 * would begin with. The teacher reads the text once; its hidden states stay in the host's memory.
 */
export class DivergenceJudge implements Judge {
  readonly sequence: number;
  readonly preparation: number;
  readonly #teacher: Model;
  readonly #calibration: Calibration;
  readonly #taught: readonly (readonly Taught[])[];

  private constructor(teacher: Model, calibration: Calibration, taught: readonly (readonly Taught[])[]) {
    const tokens = taught.flat().reduce((sum, { tokens }) => sum + tokens.length, 0);
    this.#teacher = teacher;
    this.#calibration = calibration;
    this.#taught = taught;
    this.sequence = calibration.sequence;
    this.preparation = tokens * (forwardFlops(teacher.config) - outputFlops(teacher));
  }

  /**
   * Lets the teacher read the text of all levels.
   *
   * @throws {RangeError} If levels and text do not fit.
   */
  static async create(teacher: Model, options: CalibrationOptions): Promise<DivergenceJudge> {
    const calibration = new Calibration(options);
    const taught: Taught[][] = [];
    for (let level = 0; level < calibration.levels; level++) {
      const passes: Taught[] = [];
      for (const batch of calibration.batches(level)) {
        const windows = Array.from(
          { length: calibration.batch(level) },
          (_, row) => [...batch.tokens.subarray(row * calibration.sequence, (row + 1) * calibration.sequence)],
        );
        const hidden = (await capture(teacher, windows, ["final_norm"])).get("final_norm")!;
        passes.push({ ...batch, hidden });
      }
      taught.push(passes);
    }
    return new DivergenceJudge(teacher, calibration, taught);
  }

  /** Measures a student's divergence and leaves it as it is. */
  async judge(student: Model, level: number): Promise<number> {
    const { device, config } = this.#teacher;
    const [batch, { sequence }] = [this.#calibration.batch(level), this.#calibration];
    const positions = batch * sequence;
    const graph = new Graph();
    const [tokens, targets] = ["tokens", "targets"].map((name) => graph.input(name, [positions], "u32"));
    const own = declareParameters(graph, student.pages, "parameters", `${STUDENT}.`);
    const whole = declareParameters(graph, this.#teacher.pages, "parameters", `${TEACHER}.`);
    const { divergence } = distillation({
      student: {
        hidden: hiddenStates(tokens!, own, student.config, { batch, sequence }),
        weight: outputProjection(own, student.config),
      },
      teacher: { hidden: graph.input("hidden", [positions, config.width]), weight: outputProjection(whole, config) },
      targets: targets!,
      coefficients: graph.constant("coefficients", [3], Float32Array.of(0, 1, 1)),
    });
    graph.output(divergence);
    using program = await device.compile(plan(graph), { [STUDENT]: student.store, [TEACHER]: this.#teacher.store });
    let sum = 0;
    for (const { tokens, targets, hidden } of this.#taught[level]!) {
      program.run({ tokens, targets, hidden });
      sum += (await program.read(divergence))[0]!;
    }
    return sum / this.#calibration.size(level);
  }

  /** Measures the teacher's divergence from itself: 0 but for rounding. */
  judgeTeacher(level: number): Promise<number> {
    return this.judge(this.#teacher, level);
  }

  /** Counts the FLOPs of the student's forward passes, and of the teacher's logits, which are made anew each time. */
  price(student: GPTNeoXConfig, level: number): number {
    return this.#calibration.size(level) * (forwardFlops(student, this.sequence) + outputFlops(this.#teacher));
  }
}

/** FLOPs a token of a model's output projection. */
function outputFlops({ config: { width, vocabularySize } }: Model): number {
  return 2 * width * vocabularySize;
}
