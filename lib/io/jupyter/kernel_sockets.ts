/**
 * The connections to a kernel: requests and their replies, and what the kernel publishes.
 *
 * @module
 */

import { delay } from "./delay.ts";
import { type JupyterMessage, parseMessage, request, type Session } from "./message.ts";
import type { ZmtpSocket } from "./zmtp.ts";

/** The sockets of a kernel that runs. */
export class KernelSockets implements Disposable {
  /** Takes each message that the kernel publishes. */
  hear: (message: JupyterMessage) => void = () => {};
  readonly #session: Session;
  readonly #shell: ZmtpSocket;
  readonly #control: ZmtpSocket;
  readonly #iopub: ZmtpSocket;
  readonly #failed = Promise.withResolvers<never>();
  readonly #asked = new Map<string, (reply: JupyterMessage) => void>();

  /**
   * Takes over sockets that are connected.
   *
   * @param ended Rejects when the kernel has ended.
   */
  constructor(session: Session, [shell, control, iopub]: readonly ZmtpSocket[], ended: Promise<never>) {
    this.#session = session;
    this.#shell = shell!;
    this.#control = control!;
    this.#iopub = iopub!;
    this.#failed.promise.catch(() => {}); // those who wait hear of it
    ended.catch(this.#failed.reject);
    this.#receive(this.#iopub, (message) => this.hear(message));
    this.#receive(this.#shell, (reply) => this.#asked.get(reply.parent ?? "")?.(reply));
  }

  /** Sends a request and returns its reply, which never comes if the kernel ends. */
  async ask(type: string, content: Record<string, unknown> = {}): Promise<JupyterMessage> {
    const { id, parts } = request(this.#session, type, content);
    const { promise, resolve } = Promise.withResolvers<JupyterMessage>();
    this.#asked.set(id, resolve);
    try {
      await this.#shell.send(parts).catch(() => {}); // as when the kernel ends: no reply comes
      return await promise;
    } finally {
      this.#asked.delete(id);
    }
  }

  /**
   * Waits for something of the kernel.
   *
   * @throws {unknown} The signal's reason, or why the kernel cannot answer any more.
   */
  async wait<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.race([promise, aborted, this.#failed.promise]);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Waits until what the kernel publishes arrives, which it does a while after the connection was made. */
  async subscribed(signal: AbortSignal): Promise<void> {
    const BETWEEN_MS = 200;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.hear = () => resolve(true);
    for (let heard = false; !heard;) {
      await this.wait(this.ask("kernel_info_request"), signal);
      using patience = delay(BETWEEN_MS);
      heard = await this.wait(Promise.race([promise, patience.over.then(() => false)]), signal);
    }
    this.hear = () => {};
  }

  /** Asks the kernel to end; no error if it has ended already. */
  async shutDown(): Promise<void> {
    const { parts } = request(this.#session, "shutdown_request", { restart: false });
    await this.#control.send(parts).catch(() => {});
  }

  /** Closes the connections. */
  [Symbol.dispose](): void {
    for (const socket of [this.#shell, this.#control, this.#iopub]) socket[Symbol.dispose]();
  }

  async #receive(socket: ZmtpSocket, take: (message: JupyterMessage) => void): Promise<void> {
    try {
      // A connection ends when the kernel does, which its process tells, or when it is closed here.
      for (let parts; (parts = await socket.receive().catch(() => undefined));) {
        take(parseMessage(this.#session, parts));
      }
    } catch (error) {
      this.#failed.reject(error);
    }
  }
}
