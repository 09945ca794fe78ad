/**
 * Times of instructions by the clock of the first thread.
 *
 * @module
 */

import { type KernelProfile, type Launched, type Profiler, summarise } from "../profile.ts";
import type { Block, Memory } from "./memory.ts";
import type { CPUProgram } from "./program.ts";
import type { Threads } from "./threads.ts";

/** Instructions that are timed between two collections: some hundred steps, and no more memory the longer a run is. */
const STAMPS = 65_536;
const STAMP_BYTES = 8;

/** Reads the clock before each program and after each of its instructions, when all threads have met. */
export class CPUProfiler implements Profiler {
  readonly #memory: Memory;
  readonly #threads: Threads;
  readonly #block: Block;
  readonly #launched = new WeakMap<CPUProgram, readonly Launched[]>();
  #segments: (CPUProgram | undefined)[] = [];

  constructor(memory: Memory, threads: Threads) {
    this.#memory = memory;
    this.#threads = threads;
    this.#block = memory.allocate("timestamps", STAMPS * STAMP_BYTES);
    threads.time(this.#block.address, this.#block.bytes);
  }

  /** Remembers what a submission runs. */
  note(segments: readonly (CPUProgram | undefined)[]): void {
    if (this.#segments.length < STAMPS) this.#segments.push(...segments);
  }

  async collect(): Promise<KernelProfile[]> {
    return await this.#threads.finish(() => this.#summarise());
  }

  #summarise(): KernelProfile[] {
    const count = (this.#threads.timed - this.#block.address) / STAMP_BYTES;
    const stamps = new Float64Array(this.#memory.raw.buffer, this.#block.address, count);
    const launches: Launched[] = [];
    const nanoseconds: number[] = [];
    let at = 0;
    for (const program of this.#segments) {
      const instructions = program ? this.#instructions(program) : [];
      const length = program ? instructions.length : 1;
      if (at + length >= count) break; // the rest was not timed
      instructions.forEach((launched, i) => {
        launches.push(launched);
        nanoseconds.push((stamps[at + i + 1]! - stamps[at + i]!) * 1e6);
      });
      at += 1 + length;
    }
    this.#segments = [];
    this.#threads.time(this.#block.address, this.#block.bytes);
    return summarise(launches, (i) => nanoseconds[i]!);
  }

  #instructions(program: CPUProgram): readonly Launched[] {
    let launched = this.#launched.get(program);
    if (!launched) {
      launched = program.steps.map(({ kernel, node, work }) => ({ kernel, node, work }));
      this.#launched.set(program, launched);
    }
    return launched;
  }
}
