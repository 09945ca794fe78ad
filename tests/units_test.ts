import { assertEquals } from "@std/assert";
import { counted, formatBytes, formatCount, formatMilliseconds, formatPercent } from "../lib/units.ts";

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

Deno.test("counts have commas between thousands, shares one decimal", () => {
  assertEquals([0, 999, 1000, 1_048_576].map(formatCount), ["0", "999", "1,000", "1,048,576"]);
  assertEquals([0, 1, 1024].map((count) => counted(count, "seed")), ["0 seeds", "1 seed", "1,024 seeds"]);
  assertEquals([counted(1, "search", "searches"), counted(2, "search", "searches")], ["1 search", "2 searches"]);
  assertEquals([0, 0.125, 1, 12.5].map(formatPercent), ["0.0%", "12.5%", "100.0%", "1250.0%"]);
});

Deno.test("milliseconds have three significant digits", () => {
  assertEquals([0.012345, 3.2, 12.345, 1234.5].map(formatMilliseconds), ["0.0123 ms", "3.2 ms", "12.3 ms", "1,230 ms"]);
});
