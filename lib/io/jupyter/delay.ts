/**
 * Waiting that can be given up.
 *
 * @module
 */

/** A time that passes; leaving the scope stops the clock. */
export interface Delay extends Disposable {
  /** Resolves when the time is over. */
  readonly over: Promise<void>;
}

/** Starts the clock. */
export function delay(milliseconds: number): Delay {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  return { over: promise, [Symbol.dispose]: () => clearTimeout(timer) };
}
