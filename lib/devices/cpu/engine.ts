/**
 * The compiled kernels: which build this engine can run, and an instance of it over a device's memory.
 *
 * @module
 */

import { DeviceError } from "../errors.ts";

/** What a build exports: addresses of the words through which host and threads talk, and two ways to run. */
export interface KernelExports {
  readonly SUBMITTED: WebAssembly.Global;
  readonly COMPLETED: WebAssembly.Global;
  readonly QUIT: WebAssembly.Global;
  readonly FAILED: WebAssembly.Global;
  readonly MESSAGE: WebAssembly.Global;
  readonly TIMES: WebAssembly.Global;
  readonly TIMES_END: WebAssembly.Global;
  readonly WIDE: WebAssembly.Global;
  readonly QUEUE: WebAssembly.Global;
  readonly QUEUE_LENGTH: WebAssembly.Global;
  readonly HEAP: WebAssembly.Global;
  /** Runs submissions as they come until the host says to quit; for threads. */
  work(thread: number, threads: number, done: number): void;
  /** Runs the submissions sent so far; for a host that is alone. */
  runAll(): void;
}

/** A module and the memory that it runs over. */
export interface Engine {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Whether threads can share the memory. */
  readonly shared: boolean;
  /** Whether multiply-adds are fused, where the processor can. */
  readonly relaxed: boolean;
}

/** What to leave out, to run as an engine without it would. */
export interface EngineOptions {
  /** Whether to use relaxed SIMD where there is. @default {true} */
  readonly relaxed?: boolean;
  /** Whether to share memory with threads where that is possible. @default {true} */
  readonly shared?: boolean;
  /**
   * Whether the engine joins pairs of four-lane registers into eight lanes, as V8 does with
   * `--experimental-wasm-revectorize,--no-wasm-bounds-checks`. It changes speed and no result. @default {false}
   */
  readonly wide?: boolean;
}

const PAGES = 2 ** 16;

/**
 * Loads the best build that the engine can run and makes a memory for it.
 *
 * @throws {DeviceError} If the engine has no SIMD.
 */
export async function loadEngine({ relaxed = true, shared = true }: EngineOptions = {}): Promise<Engine> {
  const canShare = shared && typeof SharedArrayBuffer !== "undefined";
  const names = canShare ? [...(relaxed ? ["kernels.wasm"] : []), "kernels.plain.wasm"] : ["kernels.alone.wasm"];
  for (const name of names) {
    const bytes = await readBytes(new URL(name, import.meta.url));
    if (!WebAssembly.validate(bytes)) continue;
    return {
      module: await WebAssembly.compile(bytes),
      memory: new WebAssembly.Memory({ initial: 1, maximum: PAGES, shared: canShare }),
      shared: canShare,
      relaxed: name === "kernels.wasm",
    };
  }
  throw new DeviceError("Cannot open the CPU device: the engine must have WebAssembly SIMD, found none");
}

/** Makes an instance; every thread has its own. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): KernelExports {
  const abort = () => {
    throw new Error("a kernel stopped");
  };
  const clock = () => performance.now(); // only the first thread reads it, so that one origin serves all times
  return new WebAssembly.Instance(module, { env: { memory, abort, clock } }).exports as unknown as KernelExports;
}

async function readBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  return new Uint8Array(await response.arrayBuffer());
}
