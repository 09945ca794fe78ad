import { assertEquals, assertMatch } from "@std/assert";
import { machineOptions } from "../../lib/io/machine.ts";
import { runTask } from "./run_task.ts";

Deno.test("engine flags are printed on one line, and a process that is started with them starts", async () => {
  const { code, stdout, stderr } = await runTask("engine_flags", []);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^--[a-z-]+(,--[a-z-]+)*\n$/);
  const started = await runTask("engine_flags", [], { DENO_V8_FLAGS: stdout.trim() });
  assertEquals(started, { code, stdout, stderr }); // whatever flags the process itself has
});

Deno.test("a process knows from its flags whether it computes with eight lanes", async () => {
  const { stdout } = await runTask("engine_flags", []);
  const script = `import { machineOptions } from "${new URL("../../lib/io/machine.ts", import.meta.url)}";
    console.log(machineOptions().wide);`;
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    env: { DENO_V8_FLAGS: stdout.trim() },
  }).output();
  assertEquals(new TextDecoder().decode(output.stdout).trim(), String(stdout.includes("revectorize")));
  assertEquals(machineOptions().wide, (Deno.env.get("DENO_V8_FLAGS") ?? "").includes("revectorize"));
});
