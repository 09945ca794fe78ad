import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type CellResult, hasConverged, parseResult } from "../../lib/study/results.ts";
import { bestRate, hasTried, rateAt, tunedRate } from "../../lib/study/rates.ts";
import { summarise } from "../../lib/study/summary.ts";

const frame = { corpus: "sotu", teacher_parameters: 400, teacher_loss: 2 };

function result(fields: Partial<CellResult>): CellResult {
  return {
    ...{ arm: "random", start: "random", lesson: "plain", seed: 1, steps: 1, lr: 1, tokens: 1000, loss: 4 },
    ...{ bits_per_byte: 1.6, untrained_loss: 7, parameters: 100, seconds: 1 },
    ...{ training_flops: 600, teacher_flops: 0, start_flops: 0 },
    ...fields,
  };
}

const random = [1000, 10_000].flatMap((tokens, i) =>
  [1, 2].map((seed) => result({ seed, tokens, loss: 4 - i + (seed === 1 ? 0.1 : -0.1), training_flops: 6 * tokens }))
);

Deno.test("a summary has the means and deviations of seeds, and what they need beside the reference", () => {
  const own = { arm: "prefix+online", start: "prefix", lesson: "online", untrained_loss: 5 } as const;
  const arm = [1, 2, 3].map((seed) =>
    result({ ...own, seed, loss: 2.8 + seed / 10, training_flops: 6000, teacher_flops: 5000, start_flops: 1000 })
  );
  const { reference, arms } = summarise(frame, [...random, ...arm]);
  assertEquals(reference, "random");
  const { seeds, untrained_loss, budgets: [budget] } = arms["prefix+online"]!;
  assertEquals([seeds, untrained_loss], [[1, 2, 3], 5]);
  assertAlmostEquals(budget!.loss_mean, 3, 1e-12);
  assertAlmostEquals(budget!.loss_std, 0.1, 1e-12);
  // The reference's mean reaches 3 with ten times the tokens; this arm spends 12,000 FLOPs on 1,000 tokens.
  assertAlmostEquals(budget!.tokens_to_match, 10, 1e-9);
  assertAlmostEquals(budget!.flops_to_match, 60_000 / 12_000, 1e-9);
  assertAlmostEquals(budget!.tokens_to_match_range[0], 10 ** 0.9, 1e-9);
  // The best seed is below the whole curve.
  assertAlmostEquals(budget!.tokens_to_match_range[1], 10, 1e-9);
  assertEquals(arms["random"]!.budgets.map(({ tokens, runs }) => [tokens, runs]), [[1000, 2], [10_000, 2]]);
});

Deno.test("arms stand in one order, whichever was run first", () => {
  const own = { arm: "prefix", start: "prefix" } as const;
  const online = { ...own, arm: "prefix+online", lesson: "online" } as const;
  const { arms } = summarise(frame, [result(online), result(own), result({})]);
  assertEquals(Object.keys(arms), ["random", "prefix", "prefix+online"]);
});

Deno.test("one seed has no deviation", () => {
  const { arms } = summarise(frame, [result({})]);
  assertEquals(arms["random"]!.budgets[0]!.loss_std, 0);
});

Deno.test("a study without its reference has no summary", () => {
  assertThrows(
    () => summarise(frame, [result({ arm: "prefix", start: "prefix" })]),
    RangeError,
    "its reference 'random' must have a result",
  );
});

Deno.test("the learning rate of an arm is the best of those that were tried on the tuning budget", () => {
  const tried = [[1, 4.2], [2, 4.0], [4, 4.1]].map(([lr, loss]) => result({ lr: lr!, loss: loss! }));
  const elsewhere = [
    result({ lr: 4, loss: 3, steps: 2 }),
    result({ lr: 4, loss: 3, seed: 2 }),
    result({ lr: 8, loss: 3 }),
  ];
  const arm = { start: "random", lesson: "plain" } as const;
  const at = { seed: 1, steps: 1, rates: [1, 2, 4] };
  assertEquals(bestRate([...tried, ...elsewhere], arm, at), 2);
  assertEquals(bestRate(tried, { ...arm, lesson: "store" }, at), undefined);
  assertEquals(bestRate(tried.slice(1), arm, at), undefined, "one of the rates has not been tried yet");
});

Deno.test("the reference takes the best rate of each budget, other arms that of the small one", () => {
  const settings = { tuningSteps: 10, rates: "1,2" };
  const run = (steps: number, lr: number, loss: number, more: Partial<CellResult> = {}) =>
    result({ steps, lr, loss, ...more });
  const results = [
    ...[run(10, 1, 3), run(10, 2, 2.9), run(40, 2, 2.5), run(40, 1, 2.4), run(80, 2, 2)],
    run(40, 2, 1, { seed: 2 }),
  ];
  const { start, lesson } = result({});
  assertEquals([10, 40, 80, 160].map((steps) => rateAt(results, { start, lesson }, steps, settings)), [2, 1, 2, 2]);
  const other = { arm: "prefix", start: "prefix" } as const;
  const others = results.map((each) => ({ ...each, ...other }));
  assertEquals([10, 40, 80].map((steps) => rateAt(others, { start: "prefix", lesson }, steps, settings)), [2, 2, 2]);
  assertEquals(rateAt(results.slice(1), { start, lesson }, 40, settings), undefined, "a rate has not been tried yet");
});

Deno.test("a rate that is named twice is one rate", () => {
  assertEquals(tunedRate([], { start: "random", lesson: "plain" }, { tuningSteps: 1, rates: "1e-3,0.001" }), 1e-3);
});

Deno.test("other seeds wait until the first one has tried all rates of the reference", () => {
  const rows = [result({ steps: 40, lr: 1 }), result({ steps: 40, lr: 2, seed: 2 }), result({ steps: 80, lr: 2 })];
  assertEquals([hasTried(rows, 40, [1]), hasTried(rows, 40, [1, 2]), hasTried(rows, 40, [])], [true, false, true]);
});

Deno.test("a run that diverged is the worst of its rates, also once it was written and read", () => {
  const written = JSON.stringify(result({ lr: 8, loss: Infinity, bits_per_byte: Infinity }));
  const diverged = parseResult(JSON.parse(written));
  assertEquals([diverged.loss, hasConverged(diverged), hasConverged(result({}))], [Infinity, false, true]);
  const arm = { start: "random", lesson: "plain" } as const;
  assertEquals(bestRate([diverged, result({ lr: 4 })], arm, { seed: 1, steps: 1, rates: [4, 8] }), 4);
});
