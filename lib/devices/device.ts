/**
 * What a device is to the rest: stores, programs, rings and submissions, whatever computes them.
 *
 * @module
 */

import type { ConstantData, Graph } from "../graph/graph.ts";
import type { Plan } from "../graph/plan.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Profiler } from "./profile.ts";

/** Values that cross between host and device: 32-bit floats, or 32-bit unsigned integers for tokens and indices. */
export type HostData = ConstantData;

/** Inputs of one run, by the name under which the graph declared them. */
export type Inputs = Readonly<Record<string, HostData>>;

/** A persistent tensor that programs share by its name. */
export interface StoreEntry {
  /** Name under which graphs declare it. */
  readonly name: string;
  /** Elements of four bytes. */
  readonly size: number;
}

/** Memory that outlives programs: parameters, gradients, optimizer state. All of it starts as zeros. */
export interface Store extends Disposable {
  /** What it holds. */
  readonly entries: readonly StoreEntry[];
  /** Bytes that it takes, padding included. */
  readonly bytes: number;
  /** Copies values into an entry, starting at element `offset`. */
  write(name: string, data: HostData, offset?: number): void;
  /**
   * Reads `size` values of an entry from element `offset`, as what was submitted and written before the call leaves
   * them. Waits for the device. More than 16 MiB travel in parts on WebGPU: change nothing of them until then. Whole
   * numbers come as their bits: `new Uint32Array(values.buffer)`.
   */
  read(name: string, offset?: number, size?: number): Promise<Float32Array<ArrayBuffer>>;
}

/**
 * The stores of a program: a list or, where several hold tensors of the same names, a prefix for each. In
 * `{ teacher: store }` the store's `parameters.0` is the program's `teacher.parameters.0`; under the prefix `""` names
 * are as they are.
 */
export type Stores<S = Store> = readonly S[] | Readonly<Record<string, S | readonly S[]>>;

/** A compiled graph: its memory, its launches and nothing left to decide. */
export interface Program extends Disposable {
  /** What was compiled. */
  readonly graph: Graph;
  /** Bytes that this program allocated: its slots and its launch parameters, not the store it shares. */
  readonly bytes: number;
  /** Kernel launches of one run. */
  readonly launches: number;
  /** Runs once, by itself. */
  run(inputs?: Inputs): void;
  /**
   * Reads an output of the last run before the call. Waits for the device. More than 16 MiB travel in parts on WebGPU:
   * do not run the program again until then.
   *
   * @throws {TypeError} If it holds whole numbers.
   */
  read(tensor: Tensor): Promise<Float32Array<ArrayBuffer>>;
  /** Reads an output of whole numbers, as `read` does one of floats. */
  readU32(tensor: Tensor): Promise<Uint32Array<ArrayBuffer>>;
}

/** Collects results of many steps on the device, so that the host waits once for all of them. */
export interface Ring extends Disposable {
  /** Rows kept since the last drain. */
  readonly pending: number;
  /** Rows that fit between two drains. */
  readonly capacity: number;
  /** Waits for the device and returns the rows kept so far, oldest first. Keep no more of them until then. */
  drain(): Promise<Float32Array<ArrayBuffer>[]>;
}

/** Records one submission: what it runs, in order. */
export interface Recorder {
  /**
   * Runs a program with these inputs. A program may run several times in one submission, each time with its own; an
   * input that is not given keeps its values.
   */
  run(program: Program, inputs?: Inputs): void;
  /** Fills a persistent tensor with zeros. */
  clear(store: Store, name: string): void;
  /** Appends the values of tensors, one after the other, to a ring as its next row. */
  keep(ring: Ring, program: Program, tensors: readonly Tensor[]): void;
}

/** What a device has made and done since it was opened; tests compare it before and after. */
export interface Counters {
  /** Buffers made. */
  buffers: number;
  /** Bind groups made. */
  bindGroups: number;
  /** Kernels compiled. */
  pipelines: number;
  /** Submissions sent. */
  submits: number;
  /** Times the host waited for the device. */
  waits: number;
  /** Bytes allocated and not yet freed. */
  bytes: number;
}

/** Something that trains: it holds memory, compiles plans and runs them. */
export interface Device extends Disposable {
  /** What computes: a GPU interface or the processor. */
  readonly kind: "webgpu" | "cpu";
  /** The adapter's own words, for logs: `llvmpipe (LLVM 15.0.6, 256 bits)`. */
  readonly name: string;
  /** Whether the kernels run on the processor although the interface is a GPU's. */
  readonly software: boolean;
  /** Why this device was chosen, in a line. */
  readonly reason: string;
  /** Bytes of a tensor that one launch can see. */
  readonly maxBindingBytes: number;
  /** Times launches if the device was opened with `profile`. */
  readonly profiler: Profiler | undefined;
  /** What it has made and done so far. */
  readonly counters: Readonly<Counters>;
  /** Allocates persistent tensors, filled with zeros. */
  createStore(entries: readonly StoreEntry[]): Promise<Store>;
  /** Gives a plan memory and launches. Persistent tensors are those of the same name in one of the stores. */
  compile(plan: Plan, stores?: Stores): Promise<Program>;
  /** Finds the bytes, launches and largest binding of a plan without allocating anything. */
  estimate(plan: Plan): Estimate;
  /** Counts the bytes through which inputs and results go, without allocating anything. */
  estimateTransfers(transfers: Transfers): number;
  /** Allocates a ring of `capacity` rows of `width` values each. */
  createRing(width: number, capacity: number): Ring;
  /** Records programs and sends them to the device as one submission. Does not wait. */
  submit(record: (recorder: Recorder) => void): void;
  /** Waits until everything submitted before the call has run. */
  finish(): Promise<void>;
}

/** What a plan will need. */
export interface Estimate {
  /** Bytes that compiling allocates: slots and launch parameters. */
  readonly programBytes: number;
  /** Bytes of the persistent tensors that the plan uses. */
  readonly persistentBytes: number;
  /** Bytes of the largest part of a tensor that one launch sees. */
  readonly largestBindingBytes: number;
  /** Kernel launches of one run. */
  readonly launches: number;
}

/** What goes between host and device besides programs. */
export interface Transfers {
  /** Commands of the largest submission: runs, the inputs given to each, cleared tensors, kept ones. */
  readonly commands: number;
  /** Bytes of all inputs of that submission. */
  readonly inputBytes: number;
  /** Values that each ring holds. */
  readonly rings: readonly number[];
}
