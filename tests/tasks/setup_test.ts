import { assertEquals, assertMatch } from "@std/assert";
import { runTask } from "./run_task.ts";

Deno.test("setup --check names the adapter that is there", async () => {
  const { code, stdout, stderr } = await runTask("setup", ["--check"]);
  assertEquals([code, stdout], [0, ""]);
  assertMatch(stderr, /^WebGPU adapter: .+, (software|hardware)\n$/);
});

Deno.test("setup --check says in one line how to get an adapter where there is none", async () => {
  const { code, stderr } = await runTask("setup", ["--check"], { DENO_WEBGPU_BACKEND: "none" });
  assertEquals(code, 1);
  assertMatch(stderr, /^error: Cannot find a WebGPU adapter; install [^\n]+\n$/);
});

Deno.test("setup refuses a flag it does not know before it looks or installs", async () => {
  const { code, stdout, stderr } = await runTask("setup", ["--chek"]);
  assertEquals([code, stdout], [2, ""]);
  assertMatch(stderr, /--chek[^\n]+--check[^\n]*\n$/);
});
