/**
 * How often a picture that changes is drawn again.
 *
 * @module
 */

/** Time, as a pace sees it; tests have one of their own. */
export interface Clock {
  /** Milliseconds since some moment. */
  now(): number;
  /** Runs something later, unless the function that it returns is called before. */
  later(run: () => void, milliseconds: number): () => void;
}

/** The time of the process. */
export const realClock: Clock = {
  now: () => performance.now(),
  later: (run, milliseconds) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Milliseconds between two pictures: more than two a second are flicker. */
const SHORTEST = 500;
/** The share of the time that drawing takes at most: of the 2% that it may, the rest is for the picture at the end. */
const SHARE = 0.015;

/**
 * Draws when there is something new: at once after a pause, else as soon as the time comes, at most twice a second. The
 * longer all drawings took, the longer it waits, so that they take no more than 1.5% of the time since the pace began
 * when the next one is due: one that took long, as the first does, is made up for by those that took little.
 */
export class Pace {
  readonly #draw: () => void;
  readonly #clock: Clock;
  readonly #begin: number;
  #next = -Infinity;
  #cancel: (() => void) | undefined;
  #spent = 0;

  /** Takes what draws, and begins. */
  constructor(draw: () => void, clock: Clock = realClock) {
    this.#draw = draw;
    this.#clock = clock;
    this.#begin = clock.now();
  }

  /** Milliseconds that drawing took so far. */
  get spent(): number {
    return this.#spent;
  }

  /** Says that there is something new. */
  request(): void {
    if (this.#cancel) return;
    const wait = this.#next - this.#clock.now();
    if (wait <= 0) this.#run();
    else this.#cancel = this.#clock.later(() => this.#run(), wait);
  }

  /** Forgets what was to be drawn: somebody else draws the last picture. */
  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #run(): void {
    this.#cancel = undefined;
    const begin = this.#clock.now();
    this.#draw();
    const end = this.#clock.now();
    this.#spent += end - begin;
    this.#next = Math.max(end + SHORTEST, this.#begin + this.#spent / SHARE);
  }
}
