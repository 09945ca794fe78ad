import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { Batches, validationBatches } from "../../lib/data/batches.ts";

/** Token `i` is `i`, so that a window is known by its first token. */
const counting = (length: number): Uint32Array => Uint32Array.from({ length }, (_, i) => i);

/** The start of each row's window, after a check that the row and its targets run on from it. */
function windowStarts({ tokens, targets }: { tokens: Uint32Array; targets: Uint32Array }, sequence: number): number[] {
  const starts: number[] = [];
  for (let row = 0; row < tokens.length; row += sequence) {
    const start = tokens[row]!;
    starts.push(start);
    for (let i = 0; i < sequence; i++) assertEquals([tokens[row + i], targets[row + i]], [start + i, start + i + 1]);
  }
  return starts;
}

Deno.test("Batches draws each window once an epoch, in another order each epoch, also where batches straddle epochs", () => {
  const sequence = 4, batch = 3;
  const batches = new Batches(counting(46), { batch, sequence, seed: 1 });
  assertEquals(batches.windows, 11);
  const starts = Array.from({ length: 11 }, (_, step) => windowStarts(batches.batch(step), sequence)).flat();
  const all = Array.from({ length: 11 }, (_, i) => 4 * i);
  const epochs = [starts.slice(0, 11), starts.slice(11, 22), starts.slice(22, 33)];
  for (const epoch of epochs) assertEquals(epoch.toSorted((a, b) => a - b), all);
  assertNotEquals(epochs[0], epochs[1]);
  assertNotEquals(epochs[1], epochs[2]);
});

Deno.test("Batches.batch() is a function of seed and step", () => {
  const options = { batch: 2, sequence: 3, seed: 5 };
  const one = new Batches(counting(100), options), other = new Batches(Uint16Array.from(counting(100)), options);
  one.batch(7);
  assertEquals(one.batch(3), other.batch(3));
  assertNotEquals(one.batch(3), one.batch(4));
  assertNotEquals(one.batch(3), new Batches(counting(100), { ...options, seed: 6 }).batch(3));
});

Deno.test("a split of exactly one window is enough, and one token less is not", () => {
  const options = { batch: 1, sequence: 8, seed: 0 };
  assertEquals(windowStarts(new Batches(counting(9), options).batch(5), 8), [0]);
  assertThrows(
    () => new Batches(counting(8), options),
    RangeError,
    "the train split must have at least 9 tokens for a sequence of 8, found 8",
  );
  assertThrows(() => new Batches(counting(0), options), RangeError, "found 0");
  assertThrows(
    () => new Batches(counting(9), { ...options, batch: 0 }),
    RangeError,
    "'batch' must be a positive whole",
  );
});

Deno.test("validationBatches() takes whole batches of different windows in order, spread over the split", () => {
  const sequence = 5, tokens = counting(5 * 23 + 3);
  const starts = (limit?: number): number[] =>
    validationBatches(tokens, { batch: 4, sequence }, limit).flatMap((batch) => windowStarts(batch, sequence));
  const every = starts();
  assertEquals(every.length, 20);
  assertEquals(new Set(every).size, 20);
  assertEquals(every, every.toSorted((a, b) => a - b));
  const few = starts(2);
  assertEquals(few, [0, 10, 25, 40, 55, 70, 85, 100]);
  assertEquals(starts(100), every);
});

Deno.test("validationBatches() names a split that does not hold one batch", () => {
  const shape = { batch: 4, sequence: 5 };
  assertThrows(
    () => validationBatches(counting(20), shape),
    RangeError,
    "must hold one batch of 4 windows of 5 tokens",
  );
  assertThrows(() => validationBatches(counting(3), shape), RangeError, "the validation split must have at least 6");
  assertThrows(() => validationBatches(counting(99), shape, 0), RangeError, "'limit' must be at least one batch");
});
