import type { TaskResult } from "../tasks/run_task.ts";

/** A task that is under way. */
export interface StartedTask extends AsyncDisposable {
  /** Sends a signal; one that comes too late is of no effect. */
  kill(signal: Deno.Signal): void;
  /** Waits until its standard output has a line that the pattern matches. */
  printed(pattern: RegExp): Promise<void>;
  /** Waits for its end. */
  readonly ended: Promise<TaskResult & { readonly signal: Deno.Signal | null }>;
}

/** Starts `tasks/<name>.ts` in a process of its own. Leaving the scope kills it if it still runs. */
export function startTask(name: string, args: readonly string[]): StartedTask {
  const script = new URL(`../../tasks/${name}.ts`, import.meta.url);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", script.href, ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let text = "";
  let heard = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      heard.resolve();
      heard = Promise.withResolvers();
    }
  })();
  const complaints = new Response(child.stderr).text();
  const ended = (async () => {
    const { code, signal } = await child.status;
    await reading;
    return { code, signal, stdout: text, stderr: await complaints };
  })();
  const kill = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  };
  return {
    kill,
    async printed(pattern) {
      while (!pattern.test(text)) {
        if (!await Promise.race([heard.promise.then(() => true), ended.then(() => false)])) {
          throw new Error(`the task ended without printing ${pattern}: ${text}`);
        }
      }
    },
    ended,
    async [Symbol.asyncDispose]() {
      kill("SIGKILL");
      await ended;
    },
  };
}
