import { assertEquals } from "@std/assert";
import { median, spread } from "../../../lib/statistics.ts";
import { formatReport } from "../../../tasks/bench/report.ts";
import { shapes } from "../../../tasks/bench/shapes.ts";

Deno.test("a report for people shows our speed, the peers' and the ratio, and why a peer is missing", () => {
  const result = {
    shape: "A",
    sizes: shapes.A,
    params: 1_317_632,
    tokens_per_s: 4000,
    step_ms: 256,
    spread: 0.123,
    gflops: 25,
    peak_bytes: 64 * 2 ** 20,
    peers: { tfjs: 1000, torch: { error: "PyTorch is not installed" } },
    ratios: { tfjs: 4 },
  };
  const report = {
    device: "webgpu",
    adapter: "a card",
    software: false,
    commit: "abc1234",
    peak: { gflops: 100, gigabytes_per_s: 10 },
    results: [result],
    matmul: [{ size: 512, gflops: 20 }],
    search: { candidates: 8, calibration_tokens: 4096, candidates_per_s: 4.5, overhead: 0.1 },
  };
  assertEquals(
    formatReport(report, ["tfjs", "torch"]),
    `\
a card, commit abc1234
measured peak: 100.0 GFLOP/s, 10.00 GB/s

shape     params  tokens/s  ms/step  spread  GFLOP/s  of peak  memory  tfjs tokens/s  ours is  torch tokens/s  ours is
A      1,317,632     4,000    256.0     12%     25.0    25.0%  64 MiB          1,000    4.00x               -        -

shape A, torch: PyTorch is not installed

search: 4.5 candidates a second on 4,096 tokens each, 10.0% of the time not in a forward pass

matmul  GFLOP/s  of peak
   512     20.0    20.0%`,
  );
});

Deno.test("the median is the middle value or the mean of two, and the spread is relative to it", () => {
  assertEquals([median([5, 1, 9]), median([4, 1, 9, 2]), median([7])], [5, 3, 7]);
  assertEquals(spread([4, 1, 9, 2]), 8 / 3);
});
