import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { profileChart } from "../../lib/report/profile_chart.ts";
import { find, inLines, textsOf } from "./svg.ts";

const peak = { gflops: 100, gigabytesPerSecond: 10 };
const profile = [
  { kernel: "adamw", calls: 1, milliseconds: 1, gflops: 1, gigabytesPerSecond: 12 },
  { kernel: "matmul", calls: 2, milliseconds: 3, gflops: 50, gigabytesPerSecond: 1 },
];
const bars = (svg: string) =>
  find(svg, "g[aria-label=bar]").map((group) =>
    Array.from((group as unknown as { childNodes: Iterable<{ getAttribute(name: string): string }> }).childNodes)
      .map((bar) => Number(bar.getAttribute("width")))
  );

Deno.test("a bar is as long as the kernel's share, the slowest on top, and filled as far as the peak would take", () => {
  const [all, atPeak] = bars(profileChart(profile, peak));
  assertAlmostEquals(all![0]! / all![1]!, 3, 0.01);
  assertAlmostEquals(atPeak![0]! / all![0]!, 0.5, 0.01);
  // It is above the memory's peak, out of a cache, and so its bar is full.
  assertAlmostEquals(atPeak![1]! / all![1]!, 1, 0.01);
});

Deno.test("bars say share, time and part of the peak in numbers", () => {
  const texts = textsOf(profileChart(profile, peak, { title: "A step" }));
  for (
    const text of [
      ...["A step", "4 ms; peak measured: 100.0 GFLOP/s, 10.00 GB/s", "share of the time", "matmul", "adamw"],
      ...["75.0%, 3 ms; 50.0% of compute", "25.0%, 1 ms; 120.0% of memory"],
    ]
  ) assert(texts.includes(text), text);
});

Deno.test("of very many kernels the fastest share a bar", () => {
  const many = Array.from({ length: 3000 }, (_, i) => ({ ...profile[0]!, kernel: `kernel ${i}`, milliseconds: 1 + i }));
  const svg = profileChart(many, peak);
  assertEquals(bars(svg).map((each) => each.length), [20, 20]);
  assert(textsOf(svg).includes("2981 others"));
});

Deno.test("a profile without time is refused", () => {
  const error = assertThrows(() => profileChart([], peak), RangeError);
  assertEquals(
    error.message,
    "Cannot draw the profile: kernels must have taken some time, found 0 ms of 0 kernels; profile a step",
  );
});

Deno.test("the chart of this profile looks as it did", async (t) => {
  await t.assertSnapshot(inLines(profileChart(profile, peak)));
});
