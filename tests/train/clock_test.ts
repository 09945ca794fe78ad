import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Clock, MOST_PENDING } from "../../lib/train/clock.ts";

/** Runs `action` with a clock that stands still but for `pass`. */
function withTime(action: (pass: (ms: number) => void) => void): void {
  const { now } = performance;
  let time = 1000;
  performance.now = () => time;
  try {
    action((ms) => time += ms);
  } finally {
    performance.now = now;
  }
}

Deno.test("a row has the time of a step, the tokens in a second, and all seconds since the beginning", () =>
  withTime((pass) => {
    const clock = new Clock(0);
    for (let done = 1; done <= 4; done++) {
      pass(50);
      clock.steps(done);
    }
    assertEquals(clock.row(100), { tokens_per_s: 2000, step_ms: 50, elapsed_s: 0.2 });
    pass(30);
    clock.steps(5);
    assertEquals(clock.row(100), { tokens_per_s: 3333, step_ms: 30, elapsed_s: 0.23 });
  }));

Deno.test("validations and checkpoints count in the seconds since the beginning alone", () =>
  withTime((pass) => {
    const clock = new Clock(0);
    pass(100);
    clock.steps(1);
    clock.row(10);
    pass(5000);
    clock.resume();
    pass(20);
    clock.steps(2);
    assertEquals(clock.row(10), { tokens_per_s: 500, step_ms: 20, elapsed_s: 5.12 });
  }));

Deno.test("a resumed run goes on from the seconds it took and counts its own steps alone", () =>
  withTime((pass) => {
    const clock = new Clock(60);
    pass(40);
    clock.steps(101);
    assertEquals(clock.row(8), { tokens_per_s: 200, step_ms: 40, elapsed_s: 60.04 });
  }));

Deno.test("as many steps may wait as run in the time allowed: one before the pace is known, and never too many", () =>
  withTime((pass) => {
    const clock = new Clock(0);
    assertEquals(clock.lead(1), 1);
    pass(100);
    clock.steps(1);
    clock.row(1);
    assertEquals([clock.lead(1), clock.lead(0.25), clock.lead(0.01), clock.lead(60)], [10, 2, 1, MOST_PENDING]);
  }));

Deno.test("steps that are done when their results arrive count once", () =>
  withTime((pass) => {
    const clock = new Clock(0);
    for (const done of [0, 0, 0, 4]) {
      pass(25);
      clock.steps(done);
    }
    assertAlmostEquals(clock.row(1).step_ms, 25, 1e-9);
  }));
