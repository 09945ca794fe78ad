/**
 * A kernel as a front end sees it: it executes code and sends what the code shows.
 *
 * @module
 */

import { connectKernel } from "./connect_kernel.ts";
import { writeConnectionFile } from "./connection_file.ts";
import { type KernelOptions, KernelProcess } from "./kernel_process.ts";
import type { KernelSockets } from "./kernel_sockets.ts";
import type { JupyterMessage } from "./message.ts";

/** How the execution of a cell ended. */
export interface Execution {
  /** Whether the code ran to its end; without, an error among the messages says why, except for code that is none. */
  readonly ok: boolean;
  /** The number that the kernel gives to the execution. */
  readonly count: number;
}

/** The type of the display that stands behind the last output of an execution. */
const END = "application/vnd.offshoot.end+json";

/** A running kernel; leaving the scope ends it. */
export class Kernel implements AsyncDisposable {
  readonly #process: KernelProcess;
  readonly #sockets: KernelSockets;
  readonly #folder: string;

  private constructor(process: KernelProcess, sockets: KernelSockets, folder: string) {
    this.#process = process;
    this.#sockets = sockets;
    this.#folder = folder;
  }

  /**
   * Starts a kernel and waits until it answers.
   *
   * @throws {KernelEndedError} If it ends instead.
   */
  static async start(options: KernelOptions, signal: AbortSignal): Promise<Kernel> {
    const folder = await Deno.makeTempDir({ prefix: "kernel-" });
    let process: KernelProcess | undefined;
    try {
      const file = `${folder}/connection.json`;
      const connection = await writeConnectionFile(file);
      process = new KernelProcess(file, options);
      return new Kernel(process, await connectKernel(connection, process.ended, signal), folder);
    } catch (error) {
      process?.kill();
      await process?.[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
  }

  /**
   * Executes code and waits for all of its output.
   *
   * The kernel says that it is idle before the last outputs have left it, so a second request has it show a mark: what
   * comes before the mark belongs to the code.
   *
   * @param hear Takes each message of the code; later ones too, of what it left running, until the next execution.
   * @param signal Gives up: throws its reason. The kernel then must be ended, as it cannot be interrupted.
   * @throws {KernelEndedError} If the kernel ends instead.
   */
  async execute(code: string, hear: (message: JupyterMessage) => void, signal: AbortSignal): Promise<Execution> {
    const marked = Promise.withResolvers<void>();
    this.#sockets.hear = (message) => {
      const data = message.content["data"] as Record<string, unknown> | undefined;
      if (data && END in data) marked.resolve();
      else hear(message);
    };
    const wait = <T>(promise: Promise<T>) => this.#sockets.wait(promise, signal);
    const flags = { store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true };
    const { content } = await wait(this.#sockets.ask("execute_request", { code, silent: false, ...flags }));
    const mark = `Deno.jupyter.broadcast("display_data", ${
      JSON.stringify({ data: { [END]: {} }, metadata: {}, transient: {} })
    })`;
    const quiet = { ...flags, silent: true, store_history: false };
    const answer = await wait(this.#sockets.ask("execute_request", { code: mark, ...quiet }));
    if (answer.content["status"] !== "ok") {
      throw new Error(`the kernel must still reach Deno.jupyter after it, found ${answer.content["evalue"]}`);
    }
    await wait(marked.promise);
    return { ok: content["status"] === "ok", count: Number(content["execution_count"]) };
  }

  /** Ends the kernel's process at once, as something in it does not end. */
  kill(): void {
    this.#process.kill();
  }

  /** Asks the kernel to end, and ends it if it does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sockets.shutDown();
    await this.#process[Symbol.asyncDispose]();
    this.#sockets[Symbol.dispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
