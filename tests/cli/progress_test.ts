import { assertEquals } from "@std/assert";
import { formatDuration, plainProgress, type ProgressRow, timeLeft } from "../../lib/cli/progress.ts";

const rows: readonly ProgressRow[] = [
  {
    step: 1,
    tokens: 1024,
    loss: 7.62512,
    lr: 2.22e-4,
    grad_norm: 1.5,
    tokens_per_s: 2013.4,
    step_ms: 508.6,
    elapsed_s: 9,
  },
  {
    step: 340,
    tokens: 348160,
    loss: 5.1,
    lr: 1e-4,
    grad_norm: 0.71234,
    tokens_per_s: 1987.6,
    step_ms: 515.2,
    elapsed_s: 178.9,
    val_loss: 5.2,
    val_bpb: 2.04321,
  },
  {
    step: 123456,
    tokens: 32_363_249_664,
    loss: NaN,
    lr: 6e-4,
    grad_norm: Infinity,
    tokens_per_s: 1_234_567,
    step_ms: 212.3,
    elapsed_s: 26210,
    val_loss: 12.34567,
    val_bpb: 10.5,
  },
];

Deno.test("in a pipe a run is rows of fixed width under one line of titles, with notes between", () => {
  const lines: string[] = [];
  const progress = plainProgress((line) => lines.push(line));
  progress.note("training on llvmpipe");
  for (const row of rows) progress.row(row);
  assertEquals(lines, [
    "training on llvmpipe",
    "   step      tokens     loss        lr  grad norm  tokens/s  ms/step  val loss  val bpb  elapsed",
    "      1        1024   7.6251   2.22e-4      1.500      2013    508.6         -        -     0:09",
    "    340      348160   5.1000   1.00e-4      0.712      1988    515.2    5.2000   2.0432     2:59",
    " 123456 32363249664      NaN   6.00e-4   Infinity   1234567    212.3   12.3457  10.5000  7:16:50",
  ]);
});

Deno.test("a student that has a teacher shows its cross-entropy too", () => {
  const lines: string[] = [];
  const progress = plainProgress((line) => lines.push(line));
  progress.row({ ...rows[0]!, cross_entropy: 7.5 });
  assertEquals(lines, [
    "   step      tokens     loss  cross-ent        lr  grad norm  tokens/s  ms/step  val loss  val bpb  elapsed",
    "      1        1024   7.6251     7.5000   2.22e-4      1.500      2013    508.6         -        -     0:09",
  ]);
});

Deno.test("durations are minutes and seconds, with hours where there are any", () => {
  const texts = [0, 59.6, 3599.4, 3600, 36061, Infinity, NaN].map(formatDuration);
  assertEquals(texts, ["0:00", "1:00", "59:59", "1:00:00", "10:01:01", "?", "?"]);
});

Deno.test("the time left is measured from the first row, so that compilation does not count", () => {
  const left = timeLeft(100);
  const row = (step: number, elapsed_s: number) => ({ ...rows[0]!, step, elapsed_s, step_ms: 2000 });
  assertEquals(left(row(50, 40)), 100); // nothing measured yet: 50 steps of 2000 ms
  assertEquals(left(row(60, 50)), 40);
  assertEquals(left(row(75, 90)), 50); // 50 s for 25 steps
});
