import { BYTES_PER_ELEMENT, type Tensor } from "../../graph/tensor.ts";
import { unitsOf } from "../../ops/instruction.ts";
import { type KernelName, KERNELS } from "../../ops/kernel_files.ts";
import { checkInput, checkMaker, checkRows, entryOf, inputOf } from "../check.ts";
import type { HostData, Inputs, Program, Recorder, Ring, Store } from "../device.ts";
import { TAPE_WORDS } from "./lower.ts";
import type { Memory } from "./memory.ts";
import type { CPUProgram, Tape } from "./program.ts";
import type { CPURing } from "./ring.ts";
import type { CPUStore } from "./store.ts";

/** An instruction of the submission itself: it moves or clears values. */
interface Move {
  readonly kernel: Extract<KernelName, "copy" | "fill">;
  readonly addresses: readonly number[];
  readonly values: number;
}

/** Values of an input. */
interface Upload {
  readonly data: HostData;
  readonly to: number;
}

type Command = { readonly tape: Tape; readonly program: CPUProgram } | Move | Upload;

/** Words of a segment: where its tape is, its length, and the threads' scratch memory with its stride. */
const SEGMENT_WORDS = 4;
/** Words of a move: an instruction and its parameters. */
const MOVE_WORDS = TAPE_WORDS + 4;

/** Notes what a submission does and writes it down as tapes. */
export class CPURecorder implements Recorder {
  readonly #memory: Memory;
  readonly #commands: Command[] = [];
  readonly #kept = new Map<Ring, number>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** What the submission runs, in order: a program, or an instruction of its own. */
  get segments(): (CPUProgram | undefined)[] {
    return this.#commands.map((command) => "program" in command ? command.program : undefined);
  }

  run(program: Program, inputs: Inputs = {}): void {
    checkMaker("a program", program, this.#memory);
    const { inputs: declared, tape } = program as CPUProgram;
    for (const [name, data] of Object.entries(inputs)) {
      const tensor = inputOf(declared, name);
      checkInput(tensor, data);
      // The caller may change the values before the submission is written.
      this.#commands.push({ data: data.slice(), to: (program as CPUProgram).address(tensor) });
    }
    this.#commands.push({ tape, program: program as CPUProgram });
  }

  clear(store: Store, name: string): void {
    checkMaker(`store '${name}'`, store, this.#memory);
    const { size } = entryOf(store.entries, name, 0, 0);
    const { address } = (store as CPUStore).block(name, size);
    this.#commands.push({ kernel: "fill", addresses: [address], values: size });
  }

  keep(ring: Ring, program: Program, tensors: readonly Tensor[]): void {
    checkMaker("a ring", ring, this.#memory);
    checkMaker("a program", program, this.#memory);
    const parts = tensors.map((tensor) => ({ from: (program as CPUProgram).readable(tensor), values: tensor.size }));
    const kept = (this.#kept.get(ring) ?? 0) + 1;
    checkRows(ring as CPURing, kept, parts.reduce((sum, { values }) => sum + values, 0));
    this.#kept.set(ring, kept);
    let to = (ring as CPURing).row(kept - 1);
    for (const { from, values } of parts) {
      this.#commands.push({ kernel: "copy", addresses: [from, to], values });
      to += values * BYTES_PER_ELEMENT;
    }
  }

  /** Bytes of the submission and of the inputs that it carries. */
  get bytes(): number {
    const uploads = this.#commands.reduce((sum, each) => "data" in each ? sum + each.data.byteLength : sum, 0);
    return submissionBytes(this.#commands.length, uploads);
  }

  /** Writes the submission at an address, and takes the rows that it keeps. */
  write(address: number): void {
    const memory = this.#memory;
    const count = this.#commands.length;
    const words = new Uint32Array(memory.raw.buffer, address, 1 + count * (SEGMENT_WORDS + MOVE_WORDS));
    const moveAt = 1 + count * SEGMENT_WORDS;
    let free = address + words.byteLength;
    words[0] = count;
    this.#commands.forEach((command, i) => {
      const segment = 1 + i * SEGMENT_WORDS;
      if ("tape" in command) {
        const { address, length, scratch, stride } = command.tape;
        words.set([address, length, scratch, stride], segment);
        return;
      }
      let move: Move;
      if ("data" in command) {
        memory.write(free, command.data);
        move = { kernel: "copy", addresses: [free, command.to], values: command.data.length };
        free += command.data.byteLength;
      } else move = command;
      const at = moveAt + i * MOVE_WORDS;
      words.set([address + at * 4, 1, 0, 0], segment);
      const parameters = address + (at + TAPE_WORDS) * 4;
      words.set([KERNELS.indexOf(move.kernel), unitsOf(move.values), parameters], at);
      words.set([0, ...move.addresses, move.values], at + TAPE_WORDS);
    });
    for (const [ring, rows] of this.#kept) (ring as CPURing).take(rows);
  }
}

/** Counts the bytes of a submission of so many commands and bytes of inputs. */
export function submissionBytes(commands: number, inputBytes: number): number {
  return 4 * (1 + commands * (SEGMENT_WORDS + MOVE_WORDS)) + inputBytes;
}
