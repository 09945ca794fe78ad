/**
 * Messages between Jupyter's front ends and kernels, version 5.3 of the protocol.
 *
 * @module
 */

import { createHmac } from "node:crypto";

/** A message; identities and binary buffers are left out. */
export interface JupyterMessage {
  /** What it is. */
  readonly type: string;
  /** Its own name. */
  readonly id: string;
  /** The name of the request that it belongs to, if it does. */
  readonly parent?: string;
  /** What it says; each type has its own fields. */
  readonly content: Record<string, unknown>;
}

/** One conversation: its name, and the key with which its messages are signed. */
export interface Session {
  readonly id: string;
  readonly key: string;
}

const DELIMITER = "<IDS|MSG>";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Makes a request and its parts on the wire. */
export function request(
  session: Session,
  type: string,
  content: Record<string, unknown> = {},
): { id: string; parts: Uint8Array[] } {
  const id = crypto.randomUUID();
  const date = new Date().toISOString();
  const header = { msg_id: id, session: session.id, username: "offshoot", date, msg_type: type, version: "5.3" };
  const dicts = [header, {}, {}, content].map((dict) => encoder.encode(JSON.stringify(dict)));
  return { id, parts: [encoder.encode(DELIMITER), encoder.encode(sign(session, dicts)), ...dicts] };
}

/**
 * Reads a message off the wire.
 *
 * @throws {Error} If it is none, or was signed with another key.
 */
export function parseMessage(session: Session, parts: readonly Uint8Array[]): JupyterMessage {
  const start = parts.findIndex((part) => decoder.decode(part) === DELIMITER);
  const dicts = parts.slice(start + 2, start + 6);
  if (start < 0 || dicts.length < 4 || decoder.decode(parts[start + 1]) !== sign(session, dicts)) {
    throw new Error("Cannot use what the kernel sent: it must be a message of Jupyter that is signed with its key");
  }
  const [header, parent, , content] = dicts.map((dict) => JSON.parse(decoder.decode(dict)));
  return { type: header.msg_type, id: header.msg_id, parent: parent.msg_id, content };
}

function sign({ key }: Session, dicts: readonly Uint8Array[]): string {
  const hmac = createHmac("sha256", key);
  for (const dict of dicts) hmac.update(dict);
  return hmac.digest("hex");
}
