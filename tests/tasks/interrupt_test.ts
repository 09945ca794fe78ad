import { assertEquals } from "@std/assert";

const delay = (ms: number) => new Promise<"alive">((resolve) => setTimeout(() => resolve("alive"), ms));

Deno.test({
  name: "one Ctrl-C, which a terminal and `deno task` both send, is one request to stop; a second one ends the process",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const script = new URL("./interruptible.ts", import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", script],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const ended = child.status.then(({ code, signal }) => ({ code, signal }));
    const [printed, complained] = [child.stdout, child.stderr].map((stream) =>
      stream.pipeThrough(new TextDecoderStream()).getReader()
    );
    assertEquals((await printed!.read()).value, "ready\n");
    child.kill("SIGINT");
    assertEquals((await complained!.read()).value, "\nstopping\n");
    child.kill("SIGINT");
    assertEquals(await Promise.race([ended, delay(600)]), "alive");
    child.kill("SIGINT");
    assertEquals(await ended, { code: 130, signal: null });
    await Promise.all([printed!.cancel(), complained!.cancel()]);
  },
});
