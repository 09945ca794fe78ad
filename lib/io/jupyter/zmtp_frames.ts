/**
 * The bytes of ZMTP 3.0, ZeroMQ's protocol, with its NULL mechanism: https://rfc.zeromq.org/spec/23.
 *
 * @module
 */

import { joinBytes } from "../../bytes.ts";

/** Kinds of sockets that a front end of Jupyter opens. */
export type SocketType = "DEALER" | "SUB";

/** Bits of a frame's first byte. */
export const FLAGS = { more: 1, long: 2, command: 4 } as const;

/** Bytes of a greeting. */
export const GREETING_BYTES = 64;

const encoder = new TextEncoder();

/** Returns what each side says first: the signature, version 3.0 and the mechanism. */
export function greeting(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(GREETING_BYTES);
  bytes.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0]);
  bytes.set(encoder.encode("NULL"), 12);
  return bytes;
}

/** Returns the command with which a socket of a type says that it is ready. */
export function ready(type: SocketType): Uint8Array<ArrayBuffer> {
  const [command, name, value] = ["READY", "Socket-Type", type].map((text) => encoder.encode(text)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  return frame(
    new Uint8Array([command.length, ...command, name.length, ...name, 0, 0, 0, value.length, ...value]),
    FLAGS.command,
  );
}

/** Returns a message of several parts as one sequence of bytes. */
export function message(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return joinBytes(parts.map((part, index) => frame(part, index < parts.length - 1 ? FLAGS.more : 0)));
}

const SHORT_BYTES = 255;

function frame(body: Uint8Array, flags: number): Uint8Array<ArrayBuffer> {
  if (body.length <= SHORT_BYTES) return joinBytes([new Uint8Array([flags, body.length]), body]);
  const header = new DataView(new ArrayBuffer(9));
  header.setUint8(0, flags | FLAGS.long);
  header.setBigUint64(1, BigInt(body.length));
  return joinBytes([new Uint8Array(header.buffer), body]);
}
