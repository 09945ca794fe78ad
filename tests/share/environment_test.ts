import { assertEquals } from "@std/assert";
import { differencesBetween } from "../../lib/share/environment.ts";
import type { Environment } from "../../lib/share/manifest.ts";

const there: Environment = {
  deno: "2.9.6",
  lock: "a".repeat(64),
  commit: "1".repeat(40),
  dirty: false,
  device: { kind: "cpu", name: "WebAssembly SIMD" },
};

Deno.test("what is the same is not mentioned", () => assertEquals(differencesBetween(there, { ...there }), []));

Deno.test("each thing that differs has a line of its own, and only another lock file is refused", () => {
  const here: Environment = {
    ...{ deno: "3.0.0", lock: "b".repeat(64), commit: "1".repeat(40), dirty: true },
    device: { kind: "webgpu", name: "llvmpipe" },
  };
  assertEquals(differencesBetween(there, here).map(({ text, refused }) => [text, refused]), [
    ["another lock file: SHA-256 aaaaaaaaaaaa there, SHA-256 bbbbbbbbbbbb here", true],
    ["another commit: 111111111111 there, 111111111111 with changes here", false],
    ["another Deno: 2.9.6 there, 3.0.0 here", false],
    ["another device kind: cpu there, webgpu here", false],
  ]);
  const device = { kind: "cpu", name: "WebAssembly relaxed SIMD" } as const;
  assertEquals(differencesBetween(there, { ...there, device }).map(({ what }) => what), ["device"]);
});

Deno.test("what is not known on one side is a difference, and so are changes that no commit holds", () => {
  const { lock: _, ...without } = there;
  const [unknown] = differencesBetween(without, there);
  assertEquals(unknown!.text, "another lock file: unknown there, SHA-256 aaaaaaaaaaaa here");
  const dirty = { ...there, dirty: true };
  assertEquals(differencesBetween(dirty, dirty).map(({ what }) => what), ["commit"]);
});
