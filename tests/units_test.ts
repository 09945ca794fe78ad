import { assertEquals } from "@std/assert";
import { formatBytes } from "../lib/units.ts";

Deno.test("bytes are shown in the largest unit that leaves at least one", () => {
  assertEquals([0, 1, 1023, 1024, 1536, 2 ** 31 - 1, 3 * 2 ** 40, 2 ** 60].map(formatBytes), [
    "0 B",
    "1 B",
    "1023 B",
    "1 KiB",
    "1.5 KiB",
    "2 GiB",
    "3 TiB",
    "1048576 TiB",
  ]);
});
