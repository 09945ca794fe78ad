import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Writable } from "node:stream";
import { openProgress } from "../../lib/io/terminal.ts";

const terminal = new URL("../../lib/io/terminal.ts", import.meta.url);
const errors = new URL("../../lib/cli/usage_error.ts", import.meta.url);

function command(body: string, env: Record<string, string> = {}): Deno.Command {
  const source = `import { openProgress, runTask } from "${terminal}"; import { UsageError } from "${errors}";
    void openProgress; void UsageError; await runTask(${body});`;
  const args = ["eval", "--config", new URL("../../deno.json", import.meta.url).pathname, source, "--", "first"];
  return new Deno.Command(Deno.execPath(), { args, env, stdout: "piped", stderr: "piped" });
}

async function task(body: string, env?: Record<string, string>) {
  const { code, stdout, stderr } = await command(body, env).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("a task ends with its exit code and one line for an error, with the stack only on request", async () => {
  const [done, failed, misused, debugged] = await Promise.all([
    task(`async (args) => { await 0; console.log(args.join()); setInterval(() => {}, 1e6); }`),
    task(`() => { throw new Error("disk full"); }`),
    task(`() => Promise.reject(new UsageError("Cannot use --x"))`),
    task(`() => { throw new Error("disk full"); }`, { OFFSHOOT_DEBUG: "1" }),
  ]);
  assertEquals(done, { code: 0, stdout: "first\n", stderr: "" });
  assertEquals(failed, { code: 1, stdout: "", stderr: "error: disk full\n" });
  assertEquals(misused, { code: 2, stdout: "", stderr: "error: Cannot use --x\n" });
  assertStringIncludes(debugged.stderr, "error: disk full\nError: disk full\n    at ");
});

/** Stands for a terminal: keeps what is written to it. */
class FakeTerminal extends Writable {
  readonly isTTY = true;
  readonly columns = 120;
  readonly rows = 30;
  text = "";

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.text += new TextDecoder().decode(chunk);
    done();
  }
}

const row = { tokens: 1024, loss: 6.5, lr: 1e-3, grad_norm: 1, tokens_per_s: 2013, step_ms: 500, elapsed_s: 4 };

Deno.test("a terminal gets a bar with step, loss, speed and time left, and keeps the rows of validations", () => {
  const stream = new FakeTerminal();
  {
    using progress = openProgress(20, { stream: stream as unknown as NodeJS.WriteStream });
    progress.note("on llvmpipe");
    progress.row({ ...row, step: 10 });
    progress.row({ ...row, step: 15, cross_entropy: 6.25 });
    progress.row({ ...row, step: 20, loss: 5.25, val_loss: 5.125, val_bpb: 2 });
  }
  const lines = stream.text.split(/\n|\r/);
  assert(lines.some((line) => line.includes("on llvmpipe")));
  assertStringIncludes(stream.text, "step 10/20  loss 6.5000  2,013 tokens/s  0:05 left");
  assertStringIncludes(stream.text, "step 15/20  loss 6.2500");
  assertStringIncludes(stream.text, "step 20/20  loss 5.2500  2,013 tokens/s  0:00 left");
  assertEquals(lines.filter((line) => line.includes("5.1250")).length, 1);
});

Deno.test("a run outlives the reader of its rows", async () => {
  const child = command(`async () => {
    using progress = openProgress(3);
    for (let step = 1; step <= 3; step++) {
      progress.row({ ...${JSON.stringify(row)}, step });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    console.error("trained");
  }`).spawn();
  await child.stdout.cancel();
  assertEquals(new TextDecoder().decode(await new Response(child.stderr).bytes()), "trained\n");
  assertEquals((await child.status).code, 0);
});

Deno.test("a quiet run shows nothing", () => {
  const stream = new FakeTerminal();
  using progress = openProgress(20, { quiet: true, stream: stream as unknown as NodeJS.WriteStream });
  progress.row({ ...row, step: 10 });
  progress.note("on llvmpipe");
  assertEquals(stream.text, "");
});
