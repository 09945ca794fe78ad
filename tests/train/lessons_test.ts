import { assertEquals } from "@std/assert";
import { Lessons } from "../../lib/train/lessons.ts";

const step = (crossEntropy: number, divergence?: number, hiddenLoss?: number) => ({
  ...{ loss: 9, gradientNorm: 1, crossEntropy },
  ...(divergence !== undefined && { divergence }),
  ...(hiddenLoss !== undefined && { hiddenLoss }),
});

Deno.test("parts of the loss are averaged between rows, the divergence over the steps that had a teacher", () => {
  const lessons = new Lessons();
  for (const each of [step(4, 2), step(2, 1), step(3)]) lessons.add(each);
  assertEquals(lessons.take(), { cross_entropy: 3, divergence: 1.5 });
  lessons.add(step(5));
  assertEquals([lessons.take(), lessons.steps], [{ cross_entropy: 5 }, 2]);
});

Deno.test("what is counted of a teacher goes on from a checkpoint", () => {
  const [whole, first] = [new Lessons(), new Lessons()];
  for (const each of [step(4, 2), step(2, 1)]) {
    whole.add(each);
    first.add(each);
  }
  const resumed = new Lessons(JSON.parse(JSON.stringify(first.state)));
  whole.add(step(1, 7));
  resumed.add(step(1, 7));
  assertEquals([resumed.steps, resumed.take()], [whole.steps, whole.take()]);
});

Deno.test("where hidden states are compared their loss is averaged as the divergence is, and goes on from a checkpoint", () => {
  const first = new Lessons(undefined, true);
  first.add(step(4, 2, 1));
  const lessons = new Lessons(JSON.parse(JSON.stringify(first.state)), true);
  for (const each of [step(2, 1, 0.5), step(3)]) lessons.add(each);
  assertEquals(lessons.take(), { cross_entropy: 3, divergence: 1.5, hidden_loss: 0.75 });
  lessons.add(step(5));
  assertEquals(lessons.take(), { cross_entropy: 5 });
  assertEquals("hiddenLoss" in new Lessons().state, false);
});
