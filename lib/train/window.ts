/**
 * The mean loss between two log rows.
 *
 * @module
 */

/** What a checkpoint keeps of it, so that a resumed run's next row equals the uninterrupted run's. */
export interface WindowState {
  readonly sum: number;
  readonly steps: number;
}

/** Averages the losses of the steps since the last row. */
export class LossWindow {
  #sum: number;
  #steps: number;

  constructor({ sum, steps }: WindowState = { sum: 0, steps: 0 }) {
    this.#sum = sum;
    this.#steps = steps;
  }

  get state(): WindowState {
    return { sum: this.#sum, steps: this.#steps };
  }

  add(loss: number): void {
    this.#sum += loss;
    this.#steps++;
  }

  /** Returns the mean and begins anew. */
  take(): number {
    const mean = this.#sum / this.#steps;
    this.#sum = this.#steps = 0;
    return mean;
  }
}
