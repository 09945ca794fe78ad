import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  coefficientsOf,
  comparesHidden,
  learningRate,
  movingCoefficients,
  type ScheduleConfig,
  taughtSteps,
  warmupSteps,
} from "../../lib/train/schedule.ts";

const config: ScheduleConfig = { lr: 2, minLr: 0.1, schedule: "cosine", warmup: 10, decayShare: 0.2 };
const at = (step: number, changes: Partial<ScheduleConfig> = {}) => learningRate(step, 110, { ...config, ...changes });

Deno.test("the warm-up rises linearly and reaches the peak in the step after it", () => {
  for (const schedule of ["cosine", "linear", "constant", "wsd"] as const) {
    assertAlmostEquals(at(0, { schedule }), 2 / 11, 1e-12);
    assertAlmostEquals(at(9, { schedule }), 20 / 11, 1e-12);
    assertAlmostEquals(at(10, { schedule }), 2, 1e-12);
  }
});

Deno.test("a warm-up below 1 is a share of all steps", () => {
  assertEquals(warmupSteps(200, { warmup: 0.05 }), 10);
  assertEquals(warmupSteps(200, { warmup: 1 }), 1);
  assertEquals(at(0, { warmup: 0 }), 2);
});

Deno.test("cosine is half-way down in the middle and ends at the floor", () => {
  assertAlmostEquals(at(60), 1.1, 1e-12);
  assertAlmostEquals(at(35), 0.2 + 1.8 * (1 + Math.SQRT1_2) / 2, 1e-12);
  assertAlmostEquals(at(110), 0.2, 1e-12);
});

Deno.test("linear falls by the same amount in each step", () => {
  assertAlmostEquals(at(60, { schedule: "linear" }), 1.1, 1e-12);
  assertAlmostEquals(at(109, { schedule: "linear" }), 0.2 + 1.8 / 100, 1e-12);
});

Deno.test("constant stays at the peak, past the end too", () => {
  assertEquals([11, 60, 109, 200].map((step) => at(step, { schedule: "constant" })), [2, 2, 2, 2]);
});

Deno.test("warmup-stable-decay holds the peak, then falls as one minus a square root", () => {
  const wsd = (step: number) => at(step, { schedule: "wsd" }); // decays over the last 22 of 110 steps
  assertEquals([11, 60, 88].map(wsd), [2, 2, 2]);
  assertAlmostEquals(wsd(89), 0.2 + 1.8 * (1 - Math.sqrt(1 / 22)), 1e-12);
  assertAlmostEquals(wsd(99), 0.2 + 1.8 * (1 - Math.sqrt(0.5)), 1e-12);
  assertAlmostEquals(wsd(110), 0.2, 1e-12);
});

Deno.test("no schedule leaves the range from floor to peak, however short the run", () => {
  for (const schedule of ["cosine", "linear", "wsd"] as const) {
    for (let total = 1; total <= 12; total++) {
      for (let step = 0; step <= total + 1; step++) {
        const lr = learningRate(step, total, { ...config, schedule, warmup: 0.05 });
        assertEquals(lr >= 0.2 - 1e-12 && lr <= 2, true, `${schedule}, step ${step} of ${total}: ${lr}`);
      }
    }
  }
});

Deno.test("a student has its teacher for a share of all steps, to the nearest whole one", () => {
  const shares = [1, 0.5, 0.46, 0.05].map((distilUntil) => taughtSteps({ steps: 48, distilUntil }));
  assertEquals(shares, [48, 24, 22, 2]);
});

Deno.test("what weighs lessons moves linearly from the first step with the teacher to the last, and ends with it", () => {
  const config = { steps: 10, distilUntil: 0.5, alpha: "0.1:0.9", beta: 0.3, temperature: "5:1", gamma: "0:2" };
  const at = (step: number) => coefficientsOf(step, config);
  assertEquals(at(0), { alpha: 0.1, beta: 0.3, temperature: 5, gamma: 0 });
  assertAlmostEquals(at(1)!.alpha, 0.3, 1e-12);
  assertAlmostEquals(at(2)!.temperature, 3, 1e-12);
  assertEquals(at(4), { alpha: 0.9, beta: 0.3, temperature: 1, gamma: 2 });
  assertEquals([at(5), at(9)], [undefined, undefined]);
  assertEquals(movingCoefficients(4, config), { alpha: 0.9, temperature: 1, gamma: 2 });
  assertEquals(movingCoefficients(5, config), {});
});

Deno.test("what does not move is the given number in every step, and one step with the teacher has the first value", () => {
  const still = { steps: 7, distilUntil: 1, alpha: 0.1, beta: "0.3:0.3", temperature: 3, gamma: 1 };
  for (let step = 0; step < 7; step++) {
    assertEquals(coefficientsOf(step, still), { alpha: 0.1, beta: 0.3, temperature: 3, gamma: 1 });
    assertEquals(movingCoefficients(step, still), {});
  }
  assertEquals(coefficientsOf(0, { ...still, steps: 1, alpha: "1:2" })?.alpha, 1);
});

Deno.test("hidden states are compared if their weight is above 0 in some step", () => {
  assertEquals([0, "0:0", 0.1, "0:1", "1:0"].map((gamma) => comparesHidden({ gamma })), [
    false,
    false,
    true,
    true,
    true,
  ]);
});
