import { assertEquals, assertMatch } from "@std/assert";
import { CPUDevice } from "../../../lib/devices/cpu/device.ts";
import { runTask } from "../../tasks/run_task.ts";
import { smallProduct } from "./small_product.ts";

async function expected(): Promise<string> {
  using device = await CPUDevice.open({ threads: 2 });
  return await smallProduct(device);
}

/** Runs a script in a process of its own; one that does not end is killed, and its exit code says so. */
async function run(way: string, env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", new URL("./small_product.ts", import.meta.url).href, way],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    signal: AbortSignal.timeout(60_000),
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout).trim(), stderr: decoder.decode(stderr).trim() };
}

Deno.test("a process that disposes of its device ends", async () => {
  assertEquals(await run("disposes"), { code: 0, stdout: await expected(), stderr: "" });
});

Deno.test("a process that forgets to dispose of its device ends all the same, though not before it has its results", async () => {
  assertEquals(await run("forgets"), { code: 0, stdout: await expected(), stderr: "" });
});

Deno.test("a process that fails while it holds a device ends with its error", async () => {
  const { code, stdout, stderr } = await run("fails");
  assertEquals([code, stdout], [1, await expected()]);
  assertMatch(stderr, /not caught/);
});

Deno.test("the engine's flags that tasks start with are ones that it knows, and change no result", async () => {
  const { code, stdout } = await runTask("engine_flags", []);
  assertEquals(code, 0);
  assertMatch(stdout, /^--[a-z-]+(,--[a-z-]+)*\n$/);
  const flags = { DENO_V8_FLAGS: stdout.trim() };
  assertEquals(await run("wide", flags), { code: 0, stdout: await expected(), stderr: "" });
});

Deno.test("flags that the engine does not know are not given to it", async () => {
  // With a flag in the environment already, which the task must not pass on to what it tries.
  const { code, stdout } = await runTask("engine_flags", [], { DENO_V8_FLAGS: "--wasm-bounds-checks" });
  assertEquals([code, stdout], [0, (await runTask("engine_flags", [])).stdout]);
});
