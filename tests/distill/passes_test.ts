import { assertEquals } from "@std/assert";
import { passesFrom, type PassTeacher, windowsOfPass } from "../../lib/distill/passes.ts";

const on = (kind: "webgpu" | "cpu", software: boolean, vocabularySize: number): PassTeacher => ({
  device: { kind, software },
  config: { vocabularySize },
});

Deno.test("a pass has 2,048 tokens, on hardware as many as are worth a wait, and at least one window", () => {
  for (const [device, software] of [["cpu", false], ["webgpu", true]] as const) {
    assertEquals(windowsOfPass(on(device, software, 2048), 256), 8);
  }
  assertEquals(windowsOfPass(on("webgpu", false, 2048), 256), 64);
  assertEquals(windowsOfPass(on("webgpu", false, 4096), 256), 32);
  assertEquals(windowsOfPass(on("webgpu", false, 50_304), 256), 8);
  assertEquals(windowsOfPass(on("webgpu", false, 37), 7), 2340);
  assertEquals(windowsOfPass(on("cpu", false, 2048), 4096), 1);
});

Deno.test("passes hold windows of one shard, and are the same from any shard on", () => {
  const plan = { windows: 23, shardWindows: 10 };
  const all = [...passesFrom(0, plan, 4)];
  assertEquals(all.map(({ first }) => first), [0, 4, 8, 10, 14, 18, 20]);
  assertEquals(all.map(({ count }) => count), [4, 4, 2, 4, 4, 2, 3]);
  assertEquals([...passesFrom(10, plan, 4)], all.slice(3));
  assertEquals([...passesFrom(0, plan, 50)].map(({ count }) => count), [10, 10, 3]);
  assertEquals([...passesFrom(23, plan, 4)], []);
});
