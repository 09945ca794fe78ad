/**
 * Deno's Jupyter kernel as a process of its own.
 *
 * @module
 */

import { delay } from "./delay.ts";

/** Thrown when a kernel has ended by itself; says how. */
export class KernelEndedError extends Error {
  /** The name that stacks and logs show. */
  override readonly name = "KernelEndedError";
}

/** Where and how a kernel runs. */
export interface KernelOptions {
  /** Its working directory, from which cells import. */
  readonly directory: string;
  /** Variables of its environment beside those that it inherits. @default {} */
  readonly env?: Readonly<Record<string, string>>;
}

/** How long a kernel may take to obey. */
const PATIENCE_MS = 2000;

/** How long after its end its last words are waited for. */
const WORDS_MS = 200;

/** A kernel's process; leaving the scope ends it. */
export class KernelProcess implements AsyncDisposable {
  /** Rejects when the process has ended by itself, with a {@linkcode KernelEndedError}. */
  readonly ended: Promise<never>;
  readonly #child: Deno.ChildProcess;

  /** Starts a kernel that listens where a connection file says. */
  constructor(connectionFile: string, { directory, env = {} }: KernelOptions) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["jupyter", "--kernel", "--conn", connectionFile],
      cwd: directory,
      env,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const lastLine = readLastLine(this.#child.stderr);
    this.ended = this.#child.status.then(async ({ code, signal }) => {
      // A process that a cell has started may hold the stream open.
      using patience = delay(WORDS_MS);
      const words = await Promise.race([lastLine, patience.over]);
      const way = signal ? `by ${signal}` : `with exit code ${code}`;
      throw new KernelEndedError(`the kernel ended ${way}${words ? `, its last words '${words}'` : ""}`);
    });
    this.ended.catch(() => {}); // whoever waits for something of the kernel waits for this too
  }

  /** Lets the process end, after it was asked to, and ends it if it does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    using patience = delay(PATIENCE_MS);
    await Promise.race([this.#child.status, patience.over]);
    this.kill();
    await this.#child.status;
    await this.ended.catch(() => {});
  }

  /** Ends the process at once. */
  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
  }
}

async function readLastLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const KEPT = 2000;
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) text = (text + chunk).slice(-KEPT);
  return text.trim().split("\n").at(-1)!.trim();
}
