import { assertEquals } from "@std/assert";
import { formatProfile } from "../../lib/report/profile_table.ts";

const peak = { gflops: 100, gigabytesPerSecond: 10 };

Deno.test("a profile's table names each kernel's nearer limit and sums its columns", () => {
  const profile = [
    { kernel: "matmul", calls: 120, milliseconds: 30, gflops: 40, gigabytesPerSecond: 1 },
    { kernel: "layerNorm", calls: 8, milliseconds: 9.876, gflops: 2, gigabytesPerSecond: 7.5 },
    { kernel: "zeros", calls: 1, milliseconds: 0.124, gflops: 0, gigabytesPerSecond: 12 },
  ];
  assertEquals(
    formatProfile(profile, peak),
    `\
kernel     calls     ms   share  GFLOP/s   GB/s  of peak  limit
matmul       120  30.00   75.0%     40.0   1.00    40.0%  compute
layerNorm      8   9.88   24.7%      2.0   7.50    75.0%  memory
zeros          1   0.12    0.3%      0.0  12.00   120.0%  memory
total        129  40.00  100.0%     30.5   2.64    30.5%  compute
measured peak: 100.0 GFLOP/s, 10.00 GB/s`,
  );
});

Deno.test("a profile of nothing has a total of zeros", () => {
  assertEquals(
    formatProfile([], peak),
    `\
kernel  calls    ms  share  GFLOP/s  GB/s  of peak  limit
total       0  0.00   0.0%      0.0  0.00     0.0%  compute
measured peak: 100.0 GFLOP/s, 10.00 GB/s`,
  );
});
