import { assert, assertEquals, assertMatch } from "@std/assert";
import { runTask } from "./run_task.ts";

Deno.test("doctor --json describes the adapter that is there", async () => {
  const { code, stdout } = await runTask("doctor", ["--json"]);
  const report = JSON.parse(stdout);
  const adapter = await navigator.gpu.requestAdapter();
  assertEquals(code, 0);
  assertEquals(report.deno, Deno.version.deno);
  assertEquals(report.adapter.name, adapter?.info.description);
  assertEquals(report.adapter.limits.maxBufferSize, adapter?.limits.maxBufferSize);
  assertEquals(report.missing, []);
});

Deno.test("doctor without an adapter exits with 1 and says what is missing and what mends it", async () => {
  const without = { DENO_WEBGPU_BACKEND: "none" };
  const { code, stdout } = await runTask("doctor", [], without);
  assertEquals(code, 1);
  assertMatch(stdout, /Adapter +none\n/);
  assertMatch(stdout, /Missing +a WebGPU adapter; install .+/);

  const report = JSON.parse((await runTask("doctor", ["--json"], without)).stdout);
  assertEquals(report.adapter, null);
  assert(report.missing.length === 1);
});

Deno.test("doctor refuses a flag it does not know", async () => {
  const { code, stderr } = await runTask("doctor", ["--jsn"]);
  assertEquals(code, 2);
  assertEquals(stderr, "error: Cannot use --jsn: there is no such flag; did you mean --json?\n");
});

Deno.test("doctor --help begins with three lines to copy", async () => {
  const { code, stdout } = await runTask("doctor", ["--help"]);
  assertEquals(code, 0);
  const [first, second, third, empty] = stdout.split("\n");
  for (const line of [first, second, third]) assertMatch(line!, /^deno task doctor/);
  assertEquals(empty, "");
});
