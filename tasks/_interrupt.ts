/**
 * Turns the first Ctrl-C (or a termination request) into an aborted signal; the second one ends the process.
 *
 * @param message Printed at the first one.
 */
export function interruptSignal(message: string): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const names: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  const onSignal = () => {
    if (controller.signal.aborted) Deno.exit(130);
    console.error(`\n${message}`);
    controller.abort();
  };
  for (const name of names) Deno.addSignalListener(name, onSignal);
  return {
    signal: controller.signal,
    release: () => names.forEach((name) => Deno.removeSignalListener(name, onSignal)),
  };
}
