/**
 * Connections to a kernel that is starting.
 *
 * @module
 */

import type { Connection } from "./connection_file.ts";
import { delay } from "./delay.ts";
import { KernelSockets } from "./kernel_sockets.ts";
import type { SocketType } from "./zmtp_frames.ts";
import { ZmtpSocket } from "./zmtp.ts";

/**
 * Connects to a kernel that is starting, and waits until it answers.
 *
 * @param ended Rejects when the kernel has ended.
 * @throws {unknown} The signal's reason, or why the kernel has ended.
 */
export async function connectKernel(
  { shell, control, iopub, session }: Connection,
  ended: Promise<never>,
  signal: AbortSignal,
): Promise<KernelSockets> {
  const opened: ZmtpSocket[] = [];
  const open = async (port: number, type: SocketType) => {
    opened.push(await listening(() => ZmtpSocket.connect(port, type), ended, signal));
  };
  try {
    await open(shell, "DEALER");
    await open(control, "DEALER");
    await open(iopub, "SUB");
    const sockets = new KernelSockets(session, opened, ended);
    await sockets.subscribed(signal);
    return sockets;
  } catch (error) {
    for (const socket of opened) socket[Symbol.dispose]();
    throw error;
  }
}

/** Tries until the kernel listens. */
async function listening<T>(connect: () => Promise<T>, ended: Promise<never>, signal: AbortSignal): Promise<T> {
  const BETWEEN_MS = 20;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await connect();
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      using pause = delay(BETWEEN_MS);
      await Promise.race([pause.over, ended]);
    }
  }
}
