/** What a stopped task needs to know. */
export interface Interrupt extends Disposable {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
  /** The exit code of a process that the signal has stopped: 128 and its number. */
  readonly code: number;
}

const CODES: Readonly<Partial<Record<Deno.Signal, number>>> = { SIGINT: 130, SIGTERM: 143 };

/** On a terminal both the shell and `deno task` send the signal of one Ctrl-C. */
const SAME_KEY_MS = 500;

/**
 * Turns the first Ctrl-C (or a request to terminate) into an aborted signal; the second one ends the process. Disposing
 * gives the signals back to the system.
 *
 * @param message Printed at the first one.
 */
export function onInterrupt(message: string): Interrupt {
  const controller = new AbortController();
  let code = 0;
  let since = 0;
  const listeners = (Object.keys(CODES) as Deno.Signal[])
    .filter((name) => name === "SIGINT" || Deno.build.os !== "windows")
    .map((name) => ({
      name,
      listener: () => {
        if (controller.signal.aborted) {
          if (performance.now() - since > SAME_KEY_MS) Deno.exit(code);
          return;
        }
        code = CODES[name]!;
        since = performance.now();
        console.error(`\n${message}`);
        controller.abort();
      },
    }));
  for (const { name, listener } of listeners) Deno.addSignalListener(name, listener);
  return {
    signal: controller.signal,
    get code() {
      return code;
    },
    [Symbol.dispose](): void {
      for (const { name, listener } of listeners) Deno.removeSignalListener(name, listener);
    },
  };
}
