import { assert, assertEquals } from "@std/assert";
import { Pace } from "../../lib/notebook/live/pace.ts";
import { FakeClock } from "./fake_clock.ts";

/** Asks for a picture every 10 ms for so many seconds; each takes what `cost` says of its number from 0, in milliseconds, to draw. */
function drawn(seconds: number, cost: (number: number) => number): { times: number[]; pace: Pace; clock: FakeClock } {
  const clock = new FakeClock();
  const times: number[] = [];
  const pace = new Pace(() => {
    times.push(clock.now());
    clock.pass(cost(times.length - 1));
  }, clock);
  while (clock.now() < seconds * 1000) {
    pace.request();
    clock.pass(10);
  }
  return { times, pace, clock };
}

Deno.test("the first picture is drawn at once, further ones at most twice a second", () => {
  const { times } = drawn(10, () => 0);
  assertEquals(times, Array.from({ length: 21 }, (_, i) => 500 * i).slice(0, times.length));
  assert(times.length >= 20);
});

Deno.test("pictures that take long are drawn so rarely that drawing takes 1.5% of the time", () => {
  const { times, pace, clock } = drawn(100, () => 40);
  assertEquals(pace.spent, 40 * times.length);
  // The one under way at the end comes on top.
  assert(pace.spent <= 0.015 * clock.now() + 40);
  assert(pace.spent > 0.014 * clock.now());
});

Deno.test("a first picture that takes long is waited for, and made up for by those that take little", () => {
  const { times, pace, clock } = drawn(60, (number) => number === 0 ? 150 : 2);
  assertEquals(times[1], 10_000);
  assert(pace.spent <= 0.015 * clock.now());
  assertEquals(times.slice(2).map((time, i) => time - times[i + 1]!).filter((gap) => gap > 1000), []);
});

Deno.test("the last request is drawn although no other follows", () => {
  const { times, pace, clock } = drawn(1, () => 0);
  clock.pass(5000);
  const before = times.length;
  pace.request();
  pace.request();
  clock.pass(5000);
  assertEquals(times.length, before + 2);
});

Deno.test("nothing is drawn after the end", () => {
  const { times, pace, clock } = drawn(1, () => 0);
  const before = times.length;
  pace.request();
  pace.end();
  clock.pass(5000);
  assertEquals(times.length, before);
});
