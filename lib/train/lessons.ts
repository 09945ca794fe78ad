/**
 * What a run counts of its teacher.
 *
 * @module
 */

import type { TrainRow } from "./records.ts";
import type { StepResult } from "./training_step.ts";
import { LossWindow, type WindowState } from "./window.ts";

/** What a checkpoint keeps of it. */
export interface LessonsState {
  /** Steps with the teacher. */
  readonly steps: number;
  /** The parts of the loss since the last log row. */
  readonly crossEntropy: WindowState;
  readonly divergence: WindowState;
  /** Where hidden states are compared. */
  readonly hiddenLoss?: WindowState;
}

/** Counts the steps that had a teacher, and averages the parts of the loss since the last row. */
export class Lessons {
  #steps: number;
  readonly #crossEntropy: LossWindow;
  readonly #divergence: LossWindow;
  readonly #hiddenLoss: LossWindow | undefined;

  /** @param hidden Whether hidden states are compared. */
  constructor(state?: LessonsState, hidden = false) {
    this.#steps = state?.steps ?? 0;
    this.#crossEntropy = new LossWindow(state?.crossEntropy);
    this.#divergence = new LossWindow(state?.divergence);
    this.#hiddenLoss = hidden ? new LossWindow(state?.hiddenLoss) : undefined;
  }

  get state(): LessonsState {
    return {
      steps: this.#steps,
      crossEntropy: this.#crossEntropy.state,
      divergence: this.#divergence.state,
      ...(this.#hiddenLoss && { hiddenLoss: this.#hiddenLoss.state }),
    };
  }

  /** Steps with the teacher so far. */
  get steps(): number {
    return this.#steps;
  }

  add({ crossEntropy, divergence, hiddenLoss }: StepResult): void {
    this.#crossEntropy.add(crossEntropy!);
    if (divergence === undefined) return;
    this.#divergence.add(divergence);
    this.#hiddenLoss?.add(hiddenLoss!);
    this.#steps++;
  }

  /** Returns the fields of a row and begins anew; all but the cross-entropy are of the steps with a teacher, if any. */
  take(): Pick<TrainRow, "cross_entropy" | "divergence" | "hidden_loss"> {
    const taught = this.#divergence.state.steps > 0;
    return {
      cross_entropy: this.#crossEntropy.take(),
      ...(taught && { divergence: this.#divergence.take() }),
      ...(taught && this.#hiddenLoss && { hidden_loss: this.#hiddenLoss.take() }),
    };
  }
}
