/**
 * What of teachers' distributions is kept, found where they are computed.
 *
 * @module
 */

import type { BatchShape } from "../data/batches.ts";
import type { Program, Store } from "../devices/device.ts";
import { Graph } from "../graph/graph.ts";
import { plan } from "../graph/plan.ts";
import { ALIGNED_ELEMENTS, BYTES_PER_ELEMENT, type Tensor } from "../graph/tensor.ts";
import { hiddenStates, outputProjection } from "../model/gpt_neox.ts";
import type { Model } from "../model/model.ts";
import { declareParameters } from "../model/pages.ts";
import { add } from "../ops/add/mod.ts";
import { linear } from "../ops/matmul/mod.ts";
import { softmax } from "../ops/softmax/mod.ts";
import { type TopEntries, topEntries } from "../ops/top_entries/mod.ts";
import { type Entries, entriesFor, rowsOfEntries } from "./store/records.ts";

/** The windows of a pass: the tokens of each. */
export type Windows = readonly Uint32Array<ArrayBuffer>[];

/** What is kept of the windows of a pass. */
export interface WindowEntries {
  readonly windows: Windows;
  /** A row for each of their positions. */
  readonly entries: Entries;
}

/** The shape of a pass, and what of it is kept. */
export interface EntriesPassOptions extends BatchShape {
  /** What logits are divided by. */
  readonly temperature: number;
  /** The most likely tokens of a position, at most `MOST_ENTRIES`. */
  readonly k: number;
  /**
   * Positions whose probabilities exist at a time, a multiple of 64.
   *
   * @default as many as fit 64 MiB, and whose entries fit 16 MiB
   */
  readonly chunk?: number;
}

/** Bytes of the probabilities of a chunk, and of what is read of it: more would not come in one part. */
const CHUNK_BYTES = 64 * 1024 * 1024, READ_BYTES = 16 * 1024 * 1024;

/** Tokens a position, at most: those of the smallest chunk are still read in one part. */
export const MOST_ENTRIES: number = READ_BYTES / (BYTES_PER_ELEMENT * ALIGNED_ELEMENTS) - 1;

/**
 * Forward passes of teachers of one vocabulary to the most likely tokens of the mean of their probabilities, as in Hinton
 * et al. 2015 (arXiv 1503.02531, section 5). Dispose of it to free its memory; the models stay.
 */
export class EntriesPass implements Disposable {
  readonly #options: EntriesPassOptions;
  readonly #teachers: number;
  readonly #chunks: readonly TopEntries[];
  readonly #program: Program;

  private constructor(
    options: EntriesPassOptions,
    teachers: number,
    chunks: readonly TopEntries[],
    program: Program,
  ) {
    this.#options = options;
    this.#teachers = teachers;
    this.#chunks = chunks;
    this.#program = program;
  }

  /** Compiles the passes of teachers, at least one, as one program. */
  static async create(teachers: readonly Model[], options: EntriesPassOptions): Promise<EntriesPass> {
    const { graph, chunks } = record(teachers, options);
    const stores: Record<string, Store> = Object.fromEntries(teachers.map(({ store }, i) => [nameOf(i), store]));
    const program = await teachers[0]!.device.compile(plan(graph), stores);
    return new EntriesPass(options, teachers.length, chunks, program);
  }

  /**
   * Finds what is kept of windows, pass by pass. While the caller looks at one, the device computes the next.
   *
   * @param passes Of at most a batch of windows each.
   */
  async *run(passes: Iterable<Windows>): AsyncGenerator<WindowEntries> {
    const { batch, sequence } = this.#options;
    let before: Promise<WindowEntries> | undefined;
    for (const windows of passes) {
      const tokens = new Uint32Array(batch * sequence); // where windows are few, the rest reads token 0
      windows.forEach((window, i) => tokens.set(window, i * sequence));
      // What is read was asked for before this, and is of the pass before.
      this.#program.run({ tokens });
      if (before) yield await before;
      before = this.#read(windows);
    }
    if (before) yield await before;
  }

  async #read(windows: Windows): Promise<WindowEntries> {
    const { batch, sequence, k } = this.#options;
    const parts = await Promise.all(
      this.#chunks.map(({ ids, masses }) => Promise.all([this.#program.readU32(ids), this.#program.read(masses)])),
    );
    const all = entriesFor(batch * sequence, k);
    let first = 0;
    for (const [ids, masses] of parts) {
      all.ids.set(ids, first * k);
      all.masses.set(masses, first * (k + 1));
      first += ids.length / k;
    }
    if (this.#teachers > 1) all.masses.forEach((sum, i) => all.masses[i] = sum / this.#teachers);
    return { windows, entries: rowsOfEntries(all, k, 0, windows.length * sequence) };
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]();
  }
}

function nameOf(teacher: number): string {
  return `teacher ${teacher}`;
}

/** Records the passes of all teachers, and of each chunk of positions the entries of the sum of their probabilities. */
function record(
  teachers: readonly Model[],
  { batch, sequence, temperature, k, chunk: asked }: EntriesPassOptions,
): { graph: Graph; chunks: TopEntries[] } {
  const graph = new Graph();
  const positions = batch * sequence;
  const tokens = graph.input("tokens", [positions], "u32");
  const layers = teachers.map(({ config, pages }, i) => {
    const parameters = declareParameters(graph, pages, "parameters", `${nameOf(i)}.`);
    const hidden = hiddenStates(tokens, parameters, config, { batch, sequence });
    return { hidden, weight: outputProjection(parameters, config) };
  });
  const chunk = asked ?? chunkOf(positions, layers[0]!.weight.shape[0]!, k);
  const chunks: TopEntries[] = [];
  for (let first = 0; first < positions; first += chunk) {
    const count = Math.min(chunk, positions - first);
    const probabilities = layers.map(({ hidden, weight }, i): Tensor => {
      const width = weight.shape[1]!;
      const part = graph.view(hidden, `hidden ${i} from ${first}`, first * width, [count, width]);
      return softmax(linear(part, weight), temperature);
    });
    const found = topEntries(probabilities.reduce((sum, each) => add(sum, each)), k);
    for (const tensor of Object.values(found)) graph.output(tensor);
    chunks.push(found);
  }
  return { graph, chunks };
}

/**
 * Divides positions into as few chunks as fit, which are about equally long: each is waited for on its own.
 *
 * @returns The positions of each but the last, a multiple of 64.
 */
export function chunkOf(positions: number, vocabulary: number, k: number): number {
  const values = Math.min(CHUNK_BYTES / vocabulary, READ_BYTES / (k + 1)) / BYTES_PER_ELEMENT;
  const most = Math.max(1, Math.floor(values / ALIGNED_ELEMENTS));
  const units = Math.ceil(positions / ALIGNED_ELEMENTS);
  return ALIGNED_ELEMENTS * Math.ceil(units / Math.ceil(units / most));
}
