/** What a finished task left behind. */
export interface TaskResult {
  /** The exit code. */
  readonly code: number;
  /** Everything it printed. */
  readonly stdout: string;
  /** Everything it complained about. */
  readonly stderr: string;
}

/** Runs `tasks/<name>.ts` in a process of its own, as `deno task` does, and waits for its end. */
export async function runTask(name: string, args: string[], env: Record<string, string> = {}): Promise<TaskResult> {
  const script = new URL(`../../tasks/${name}.ts`, import.meta.url);
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", script.href, ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
