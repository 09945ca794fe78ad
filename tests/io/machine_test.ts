import { assert, assertEquals } from "@std/assert";
import { availableMemory, machineOptions, WIDE_FLAGS } from "../../lib/io/machine.ts";

Deno.test("the available memory is some of the machine's", () => {
  const { total } = Deno.systemMemoryInfo();
  const available = availableMemory()!;
  assert(available > 0 && available <= total);
});

Deno.test("a runtime that does not tell its memory sets no limit", () => {
  const { systemMemoryInfo } = Deno;
  Deno.systemMemoryInfo = () => {
    throw new Error("not here");
  };
  try {
    assertEquals(availableMemory(), undefined);
    assertEquals("memoryBytes" in machineOptions(), false);
  } finally {
    Deno.systemMemoryInfo = systemMemoryInfo;
  }
});

Deno.test("a device gets all cores unless a number of threads is given", () => {
  assertEquals("threads" in machineOptions(), false);
  assertEquals("threads" in machineOptions(0), false);
  assertEquals(machineOptions(3).threads, 3);
});

Deno.test("eight lanes need all of their flags, wherever they stand among others", () => {
  const before = Deno.env.get("DENO_V8_FLAGS");
  const wide = (flags: string) => {
    Deno.env.set("DENO_V8_FLAGS", flags);
    return machineOptions().wide;
  };
  try {
    assertEquals([...WIDE_FLAGS, "", "--wasm-bounds-checks", "--a,--b"].map(wide), [false, false, false, false, false]);
    assertEquals([wide(WIDE_FLAGS.join()), wide(["--a", ...WIDE_FLAGS.toReversed(), "--b"].join())], [true, true]);
  } finally {
    if (before === undefined) Deno.env.delete("DENO_V8_FLAGS");
    else Deno.env.set("DENO_V8_FLAGS", before);
  }
});
