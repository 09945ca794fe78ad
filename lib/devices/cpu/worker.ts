/**
 * A thread of the CPU device: it runs kernels until the host says to quit, and hears nothing meanwhile.
 *
 * @module
 */

import { parentPort, workerData } from "node:worker_threads";
import { Control } from "./control.ts";
import { instantiate, type KernelExports } from "./engine.ts";

/** What a thread is given; it posts an empty message once it runs, or why it cannot. */
export interface ThreadData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
  readonly threads: number;
}

const { module, memory, thread, threads } = workerData as ThreadData;

function start(): KernelExports | undefined {
  try {
    const kernels = instantiate(module, memory);
    parentPort!.postMessage("");
    return kernels;
  } catch (error) {
    parentPort!.postMessage((error as Error).message); // not caught, it would be printed too
  }
}

const kernels = start();
try {
  kernels?.work(thread, threads, 0);
} catch (error) {
  new Control(kernels!, memory).fail(error); // a message would not reach a host that blocks
}
