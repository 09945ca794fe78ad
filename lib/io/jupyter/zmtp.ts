/**
 * Sockets of ZeroMQ over TCP, as far as a front end of Jupyter needs them.
 *
 * @module
 */

import { writeFully } from "../files.ts";
import { ByteReader } from "./byte_reader.ts";
import { FLAGS, greeting, GREETING_BYTES, message, ready, type SocketType } from "./zmtp_frames.ts";

/** A connection to one bound socket. */
export class ZmtpSocket implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #reader: ByteReader;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.#reader = new ByteReader(connection);
  }

  /**
   * Connects to a port of this machine; a SUB socket subscribes to everything.
   *
   * @throws {Error} If nobody listens there, or who listens does not speak ZMTP 3.
   */
  static async connect(port: number, type: SocketType): Promise<ZmtpSocket> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay(true);
    const socket = new ZmtpSocket(connection);
    try {
      await socket.#shakeHands(type);
    } catch (error) {
      socket[Symbol.dispose]();
      throw error;
    }
    return socket;
  }

  /** Sends a message. */
  async send(parts: readonly Uint8Array[]): Promise<void> {
    await writeFully(this.#connection, message(parts));
  }

  /**
   * Waits for the next message.
   *
   * @throws {Error} When the connection ends.
   */
  async receive(): Promise<Uint8Array<ArrayBuffer>[]> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (;;) {
      const { flags, body } = await this.#frame();
      if (flags & FLAGS.command) continue;
      parts.push(body);
      if (!(flags & FLAGS.more)) return parts;
    }
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.#connection.close();
  }

  async #shakeHands(type: SocketType): Promise<void> {
    await writeFully(this.#connection, greeting());
    const theirs = await this.#reader.read(GREETING_BYTES);
    if (theirs[0] !== 0xff || theirs[10]! < 3) throw new Error("Cannot talk to the kernel: it must speak ZMTP 3");
    await writeFully(this.#connection, ready(type));
    await this.#frame();
    if (type === "SUB") await this.send([new Uint8Array([1])]); // and no prefix after it
  }

  async #frame(): Promise<{ flags: number; body: Uint8Array<ArrayBuffer> }> {
    const flags = (await this.#reader.read(1))[0]!;
    const length = await this.#reader.read(flags & FLAGS.long ? 8 : 1);
    const count = flags & FLAGS.long ? Number(new DataView(length.buffer).getBigUint64(0)) : length[0]!;
    return { flags, body: await this.#reader.read(count) };
  }
}
