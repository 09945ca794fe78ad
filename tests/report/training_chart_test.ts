import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { trainingChart } from "../../lib/report/training_chart.ts";

const first = { tokens: 100, loss: 6, unigram_loss: 4.4, bigram_loss: 3.2 };
const group = (svg: string, text: string) => new RegExp(`<g ([^>]*)><text[^>]*>${text}<`).exec(svg)![1]!;

Deno.test("a training that has one loss so far has an axis with short numbers", () => {
  const ticks = [...trainingChart([{ tokens: 100, loss: 5 }]).matchAll(/>([\d.]+)<\/text>/g)].map(([, text]) => text!);
  assertEquals(ticks.filter((text) => text.length > 4), []);
});

Deno.test("baselines are named right of the frame", () => {
  assertMatch(group(trainingChart([first]), "unigram baseline"), /translate\(6,0\).*text-anchor="start"/);
});

Deno.test("the number of the last validation keeps clear of a baseline's name", () => {
  const ending = (val_loss: number) => trainingChart([first, { tokens: 200, loss: 3.5, val_loss }]);
  assertMatch(group(ending(3.3), "3.300"), /translate\(10,-10\)/);
  assertMatch(group(ending(3.1), "3.100"), /translate\(10,10\)/);
  assertMatch(group(ending(3.8), "3.800"), /translate\(10,0\)/);
});

Deno.test("a training without rows is refused", () => {
  const error = assertThrows(() => trainingChart([]), RangeError);
  assertEquals(error.message, "Cannot draw the training: there must be at least one row, found none");
});
