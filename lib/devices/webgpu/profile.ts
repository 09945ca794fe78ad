/**
 * Times of kernels by the device's own clock.
 *
 * @module
 */

import { type KernelProfile, type Launched, type Profiler, summarise } from "../profile.ts";
import type { Memory } from "./memory.ts";
import type { Step } from "./program.ts";
import type { Transfer } from "./transfer.ts";

/** Timestamps that one query set holds: two for a launch. */
const QUERIES = 4096;
/** Launches that are timed between two collections: some hundred steps, and no more memory the longer a run is. */
const MOST_LAUNCHES = 32_768;

/** Times every launch with timestamp queries. Each needs a pass of its own, so profiled steps are a little slower. */
export class WebGPUProfiler implements Profiler, Disposable {
  readonly #gpu: GPUDevice;
  readonly #memory: Memory;
  readonly #transfer: Transfer;
  readonly #sets: GPUQuerySet[] = [];
  #steps: Step[] = [];

  constructor(gpu: GPUDevice, memory: Memory, transfer: Transfer) {
    this.#gpu = gpu;
    this.#memory = memory;
    this.#transfer = transfer;
  }

  /** Tells whether as many launches as may wait for a collection have been timed; further ones need not be. */
  get full(): boolean {
    return this.#steps.length >= MOST_LAUNCHES;
  }

  /** Encodes launches, each between two timestamps. */
  encode(encoder: GPUCommandEncoder, steps: readonly Step[]): void {
    for (const step of steps) {
      const index = this.#steps.push(step) - 1;
      const set = this.#sets[Math.floor(index * 2 / QUERIES)] ?? this.#grow();
      const first = index * 2 % QUERIES;
      const timestampWrites = { querySet: set, beginningOfPassWriteIndex: first, endOfPassWriteIndex: first + 1 };
      const pass = encoder.beginComputePass({ timestampWrites });
      pass.setPipeline(step.pipeline);
      pass.setBindGroup(0, step.bindings);
      pass.dispatchWorkgroups(...step.launch.groups);
      pass.end();
    }
  }

  /** Reads the timestamps taken since the last call and sums them by kernel, slowest first. */
  async collect(): Promise<KernelProfile[]> {
    const steps = this.#steps;
    this.#steps = [];
    const bytes = steps.length * 16;
    if (bytes === 0) return [];
    using resolved = this.#memory.allocate("timestamps", bytes, GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC);
    const encoder = this.#gpu.createCommandEncoder();
    for (let start = 0; start < steps.length * 2; start += QUERIES) {
      const count = Math.min(QUERIES, steps.length * 2 - start);
      encoder.resolveQuerySet(this.#sets[start / QUERIES]!, 0, count, resolved.raw, start * 8);
    }
    this.#gpu.queue.submit([encoder.finish()]);
    const times = new BigUint64Array(await this.#transfer.download(resolved, 0, bytes));
    return summarise(this.#launched(steps), (i) => Number(times[2 * i + 1]! - times[2 * i]!));
  }

  /** One object for each launch of a program, however often it ran. */
  #launched(steps: readonly Step[]): Launched[] {
    const known = new Map<Step, Launched>();
    return steps.map((step) => {
      const { kernel, node, work } = step.launch;
      const launched = known.get(step) ?? { kernel: kernel.name, node, work };
      known.set(step, launched);
      return launched;
    });
  }

  #grow(): GPUQuerySet {
    const set = this.#gpu.createQuerySet({ type: "timestamp", count: QUERIES });
    this.#sets.push(set);
    return set;
  }

  [Symbol.dispose](): void {
    for (const set of this.#sets) set.destroy();
  }
}
