import { Worker } from "node:worker_threads";

/** Workers that were started since `watchWorkers`. */
export interface WatchedWorkers extends Disposable {
  readonly started: ReadonlySet<Worker>;
  /** Resolves once all of them have ended. */
  ended(): Promise<void>;
}

/** Notes every worker that is let go of, as each of a device's is once it has started. */
export function watchWorkers(): WatchedWorkers {
  const ends = new Map<Worker, Promise<void>>();
  const { unref } = Worker.prototype;
  Worker.prototype.unref = function (this: Worker) {
    if (!ends.has(this)) ends.set(this, new Promise((resolve) => this.once("exit", () => resolve())));
    return unref.call(this);
  };
  return {
    get started() {
      return new Set(ends.keys());
    },
    async ended() {
      for (const worker of ends.keys()) worker.ref();
      await Promise.all(ends.values());
    },
    [Symbol.dispose]: () => void (Worker.prototype.unref = unref),
  };
}
