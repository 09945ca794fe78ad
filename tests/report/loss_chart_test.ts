import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { lossChart } from "../../lib/report/loss_chart.ts";
import { inLines } from "./svg.ts";

const rows = [
  { tokens: 1000, loss: 7, unigram_bpb: 2.5, bigram_bpb: 1.7 },
  { tokens: 2000, loss: 6, val_loss: 6, val_bpb: 2.4 },
  { tokens: 3000, loss: 5, val_loss: 5.5, val_bpb: 2.2 },
];

function yOf(svg: string, label: string): number {
  const [, y] = new RegExp(`translate\\([\\d.]+,([\\d.]+)\\)"[^>]*>${label}<`).exec(svg) ?? [];
  return Number(y);
}

Deno.test("a loss chart has a title, units on both axes, both curves and both baselines", () => {
  const svg = lossChart(rows, { title: "A run" });
  for (const text of ["A run", "training tokens", "bits per byte", "unigram baseline", "bigram baseline"]) {
    assertStringIncludes(svg, text);
  }
  assertStringIncludes(svg, "validation 2.20");
  assertMatch(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
});

Deno.test("a loss chart puts losses where their bits per byte belong", () => {
  const svg = lossChart(rows);
  const [high, low] = [yOf(svg, "unigram baseline"), yOf(svg, "bigram baseline")];
  const expected = high + (low - high) * (2.5 - 2.2) / (2.5 - 1.7);
  // Baselines are lines of which the text gives the height; the last validation loss lies between them.
  assertEquals(Math.round(yOf(svg, "validation 2.20")), Math.round(expected));
});

Deno.test("names of lines are written in ink, on either side of lines that are near each other", () => {
  const svg = lossChart(rows, { references: [{ name: "other start", loss: 1.72 * 6 / 2.4 }] });
  const group = (name: string) => new RegExp(`<g ([^>]*)><text[^>]*>${name}<`).exec(svg)![1]!;
  assertMatch(group("unigram baseline"), /translate\(0,-8\).* fill="#222222"/);
  assertMatch(group("other start"), /translate\(0,-8\)/);
  assertMatch(group("bigram baseline"), /translate\(0,10\)/);
});

Deno.test("a loss chart of a student with a teacher draws its cross-entropy", () => {
  const taught = rows.map(({ loss, ...row }) => ({ ...row, loss: loss / 2, cross_entropy: loss }));
  assertEquals(lossChart(taught), lossChart(rows));
});

Deno.test("a loss chart of the same rows is the same document", () => {
  assertEquals(lossChart(rows), lossChart(rows));
});

Deno.test("a loss chart without a validation is refused", () => {
  const error = assertThrows(() => lossChart(rows.slice(0, 1)), RangeError);
  assertEquals(
    error.message,
    "Cannot draw the loss: at least one row must have a validation loss, found none in 1 rows",
  );
});

Deno.test("the chart of this run looks as it did", async (t) => {
  await t.assertSnapshot(inLines(lossChart(rows)));
});
