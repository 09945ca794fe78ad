import type { Device } from "../../lib/devices/device.ts";
import { type DeviceKind, openDevice } from "../../lib/devices/mod.ts";
import type { Batch } from "../../lib/data/batches.ts";
import { initialise } from "../../lib/model/initialise.ts";
import { Model } from "../../lib/model/model.ts";
import { Random } from "../../lib/random.ts";
import { MOST_PENDING } from "../../lib/train/clock.ts";
import { resolveConfig, stepOptions } from "../../lib/train/config.ts";
import { machineOptions } from "../../lib/io/machine.ts";
import { TrainingStep } from "../../lib/train/training_step.ts";
import type { Shape } from "./peers/mod.ts";
import { modelOf } from "./shapes.ts";

const WARM_UP = 3;
/** Milliseconds of work sent to the device between two waits, as in training. */
const LEAD_MS = 1000;
/** Waits of one measurement, at least: the median of fewer says little. */
const WINDOWS = 3;
const LEARNING_RATE = 1e-3;

/** The device that is measured. */
export interface BenchDevice {
  readonly device: DeviceKind;
  /** Threads of the CPU device; 0 for one on each core. */
  readonly threads: number;
}

/** Our own training step at one shape: forward, backward, clipping and AdamW, on random tokens. */
export class TrainingBench implements Disposable {
  readonly #step: TrainingStep;
  readonly #device: Device;
  readonly #batch: Batch;
  readonly #owned: DisposableStack;
  /** Milliseconds of the last step that was measured. */
  #pace = Infinity;
  #steps = 0;

  private constructor(step: TrainingStep, device: Device, batch: Batch, owned: DisposableStack) {
    this.#step = step;
    this.#device = device;
    this.#batch = batch;
    this.#owned = owned;
  }

  /** Opens a device of its own, compiles the step with the optimizer of the default run, and warms it up. */
  static async open(shape: Shape, { device: kind, threads }: BenchDevice): Promise<TrainingBench> {
    using cleanup = new DisposableStack();
    const device = cleanup.use(await openDevice(kind, machineOptions(threads)));
    const config = modelOf(shape);
    const model = cleanup.use(await Model.create(device, config, initialise(config, 1)));
    const options = { ...stepOptions(resolveConfig()), microBatch: shape.batch, accumulation: 1, sequence: shape.seq };
    const step = cleanup.use(await TrainingStep.create(model, options));
    const bench = new TrainingBench(step, device, randomBatch(shape), cleanup.move());
    for (let i = 0; i < WARM_UP; i++) bench.#pace = await bench.#window(1);
    return bench;
  }

  /**
   * Bytes on the device: parameters, gradients, optimizer state, activations and all else. None is freed in between.
   */
  get bytes(): number {
    return this.#device.counters.bytes;
  }

  /** Takes at least `steps` steps, and returns the milliseconds of a step in each stretch between two waits. */
  async measure(steps: number): Promise<number[]> {
    const length = Math.max(1, Math.min(MOST_PENDING, Math.floor(LEAD_MS / this.#pace)));
    const windows = Math.max(WINDOWS, Math.ceil(steps / length));
    const times: number[] = [];
    for (let i = 0; i < windows; i++) times.push(this.#pace = await this.#window(length));
    return times;
  }

  async #window(length: number): Promise<number> {
    const start = performance.now();
    for (let i = 0; i < length; i++) this.#step.submit([this.#batch], LEARNING_RATE, ++this.#steps);
    for (const { loss } of await this.#step.drain()) {
      if (!Number.isFinite(loss)) throw new Error(`Cannot measure: the loss must be finite, found ${loss}`);
    }
    return (performance.now() - start) / length;
  }

  [Symbol.dispose](): void {
    this.#owned[Symbol.dispose]();
  }
}

/** Sequences of random tokens, each target the token that follows. */
function randomBatch({ vocab, batch, seq }: Shape): Batch {
  const random = new Random(1, "bench tokens");
  const draw = (next: number) =>
    Uint32Array.from({ length: batch * seq }, (_, i) => random.below(vocab, i + Math.floor(i / seq) + next));
  return { tokens: draw(0), targets: draw(1) };
}
