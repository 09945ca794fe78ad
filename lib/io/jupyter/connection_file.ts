/**
 * The file that tells a kernel where to listen.
 *
 * @module
 */

import { writeAtomically } from "../atomic.ts";
import { jsonText } from "../json.ts";
import type { Session } from "./message.ts";

/** The ports of a kernel, and the session that it will accept. */
export interface Connection {
  readonly shell: number;
  readonly iopub: number;
  readonly control: number;
  readonly session: Session;
}

/** Chooses free ports and a secret key, and writes them to a file for a kernel. */
export async function writeConnectionFile(path: string): Promise<Connection> {
  const [shell, iopub, stdin, control, heartbeat] = freePorts(5) as [number, number, number, number, number];
  // With the key no other process of the machine can have the kernel execute something.
  const session = { id: crypto.randomUUID(), key: crypto.randomUUID() };
  await writeAtomically(
    path,
    jsonText({
      ...{ transport: "tcp", ip: "127.0.0.1", signature_scheme: "hmac-sha256", key: session.key },
      ...{ shell_port: shell, iopub_port: iopub, stdin_port: stdin, control_port: control, hb_port: heartbeat },
    }),
  );
  return { shell, iopub, control, session };
}

function freePorts(count: number): number[] {
  // All are held until the last one is known, as a port that is given back may be given out again.
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const ports = listeners.map(({ addr }) => (addr as Deno.NetAddr).port);
  for (const listener of listeners) listener.close();
  return ports;
}
