/**
 * A student's pass over calibration text, block by block, so that a block can change before the next one reads it.
 *
 * @module
 */

import type { Inputs, Program, Ring, Store } from "../../devices/device.ts";
import { plan } from "../../graph/plan.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Model } from "../../model/model.ts";
import type { ParameterValues } from "../../model/parameters.ts";
import { BEFORE, blockGraph, type BlockText } from "./block_graph.ts";

/** What the host needs of a block to refit it. */
export interface BlockEquations {
  /** Products of what the projections read, and of a column of ones, with each other: `[size, size]`. */
  readonly gram: Float32Array<ArrayBuffer>;
  /** Products of the same columns with what is missing: `[size, width]`. */
  readonly cross: Float32Array<ArrayBuffer>;
  /** The parameters that were asked for, as they are. */
  readonly parameters: ParameterValues;
}

/** A compiled block that runs once. Streams stay on the device: each block finds what the one before it left there. */
export class BlockPass implements Disposable {
  /** Columns of what the projections read, and one of ones. */
  readonly size: number;
  readonly #student: Model;
  readonly #program: Program;
  readonly #ring: Ring;
  readonly #kept: readonly Tensor[];
  readonly #names: readonly string[];
  readonly #store: Store | undefined;

  private constructor(
    student: Model,
    { size, program, ring, kept, names, store }: {
      readonly size: number;
      readonly program: Program;
      readonly ring: Ring;
      readonly kept: readonly Tensor[];
      readonly names: readonly string[];
      readonly store: Store | undefined;
    },
  ) {
    this.size = size;
    this.#student = student;
    this.#program = program;
    this.#ring = ring;
    this.#kept = kept;
    this.#names = names;
    this.#store = store;
  }

  /**
   * Compiles a block.
   *
   * @param names Parameters that {@linkcode run} returns.
   * @param before The block before, where there is one; it need not have run yet.
   */
  static async create(
    student: Model,
    layer: number,
    text: BlockText,
    names: readonly string[],
    before?: BlockPass,
  ): Promise<BlockPass> {
    const { device, config } = student;
    const { graph, size, gram, cross, parameters } = blockGraph(student, layer, text, before?.size);
    const kept = [gram, cross, ...names.map((name) => parameters.get(name)!)];
    using cleanup = new DisposableStack();
    const store = layer === config.layers - 1 ? undefined : cleanup.use(
      await device.createStore([
        { name: "read", size: text.rows * size },
        { name: "output", size: text.rows * config.width },
      ]),
    );
    const program = cleanup.use(
      await device.compile(plan(graph), {
        "": store ? [student.store, store] : student.store,
        ...(before && { [BEFORE]: before.#store! }),
      }),
    );
    const ring = cleanup.use(device.createRing(kept.reduce((sum, { size }) => sum + size, 0), 1));
    cleanup.move();
    return new BlockPass(student, { size, program, ring, kept, names, store });
  }

  /**
   * Runs it, once the block before has run, and waits a single time. Only what the next block needs stays in memory.
   *
   * @param inputs Those that {@linkcode blockGraph} lists.
   */
  async run(inputs: Inputs): Promise<BlockEquations> {
    this.#student.device.submit((recorder) => {
      recorder.run(this.#program, inputs);
      recorder.keep(this.#ring, this.#program, this.#kept);
    });
    const [row] = await this.#ring.drain();
    this.#free();
    let end = 0;
    const [gram, cross, ...values] = this.#kept.map(({ size }) => row!.subarray(end, end += size));
    return {
      ...{ gram: gram!, cross: cross! },
      parameters: new Map(this.#names.map((name, i) => [name, values[i]!])),
    };
  }

  #free(): void {
    this.#ring[Symbol.dispose]();
    this.#program[Symbol.dispose]();
  }

  /** Frees its program and what the next block reads. */
  [Symbol.dispose](): void {
    this.#free();
    this.#store?.[Symbol.dispose]();
  }
}
