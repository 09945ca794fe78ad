/**
 * A thread of the CPU device: it runs kernels until the host says to quit, and hears nothing meanwhile.
 *
 * @module
 */

import { parentPort, workerData } from "node:worker_threads";
import { Control } from "./control.ts";
import { instantiate } from "./engine.ts";

/** What a thread is given. */
export interface ThreadData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
  readonly threads: number;
}

const { module, memory, thread, threads } = workerData as ThreadData;
const kernels = instantiate(module, memory);
parentPort!.postMessage("ready");
try {
  kernels.work(thread, threads, 0);
} catch (error) {
  new Control(kernels, memory).fail(error); // an event would not reach a host that blocks
}
