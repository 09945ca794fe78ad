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

for (const end of ["disposes", "forgets"]) {
  Deno.test(`a process that opens a device, computes or not, and ${end}, ends by itself`, async () => {
    assertEquals(await run(`opens and ${end}`), { code: 0, stdout: "", stderr: "" });
    assertEquals(await run(`computes and ${end}`), { code: 0, stdout: await expected(), stderr: "" });
  });
}

Deno.test("a process that fails while it holds a device ends with its error", async () => {
  const { code, stdout, stderr } = await run("computes and fails");
  assertEquals([code, stdout], [1, await expected()]);
  assertMatch(stderr, /not caught/);
});

Deno.test("the engine's flags that tasks start with are ones that it knows, and change no result", async () => {
  const { code, stdout } = await runTask("engine_flags", []);
  assertEquals(code, 0);
  assertMatch(stdout, /^--[a-z-]+(,--[a-z-]+)*\n$/);
  const flags = { DENO_V8_FLAGS: stdout.trim() };
  assertEquals(await run("computes with eight lanes", flags), { code: 0, stdout: await expected(), stderr: "" });
});
