import { assertEquals } from "@std/assert";
import { compareResults } from "../../lib/notebook/compare.ts";
import {
  agreementsOf,
  agrees,
  compareMeasured,
  describeComparison,
  type Measured,
  type Verdict,
} from "../../lib/share/comparison.ts";

const weights = { step: 2, sha256: "a".repeat(64) };
const before: Measured = {
  rows: [{ step: 1, loss: 6, elapsed_s: 1 }, { step: 2, loss: 5, val_loss: 5.5, elapsed_s: 2 }],
  result: { result: { student: { loss: 5.5 }, costs: [{ name: "training", flops: 100, seconds: 3 }], samples: ["x"] } },
  weights,
};

const verdicts = (after: Measured, tolerance?: number): Record<string, Verdict> =>
  Object.fromEntries(
    compareMeasured(before, after, tolerance).map(({ name, step, verdict }) => [`${name} ${step ?? ""}`, verdict]),
  );

const all = (verdict: Verdict) => ({
  ...{ "loss 1": verdict, "loss 2": verdict, "val_loss 2": verdict },
  ...{ "result.student.loss ": verdict, "result.costs.0.flops ": verdict, "weights 2": verdict },
});

Deno.test("a run agrees with itself in every number that is no time, whatever else the second one has", () => {
  assertEquals(verdicts(before), all("exact"));
  const later = before.rows.map((row) => ({ ...row, elapsed_s: 9, more: 1 }));
  assertEquals(verdicts({ ...before, rows: [...later, { step: 3, loss: 4 }] }), all("exact"));
});

Deno.test("a number is within the tolerance by its share of the larger one, else it is different", () => {
  const rows = [{ step: 1, loss: 6.005 }, { step: 2, loss: 5.1, val_loss: 5.5 }];
  const expected: Record<string, Verdict> = {
    ...all("exact"),
    "loss 1": "close",
    "loss 2": "different",
    "weights 2": "exact",
  };
  assertEquals(verdicts({ ...before, rows }), expected);
  assertEquals(verdicts({ ...before, rows }, 0)["loss 1"], "different");
  assertEquals(verdicts({ ...before, rows }, 0.1)["loss 2"], "close");
});

Deno.test("the rows of a search are compared but for indices and times", () => {
  const row = (evaluation: number, fitness: number, latency_ms = 1) => ({
    evaluation,
    fitness,
    parameters: 9,
    latency_ms,
    genotype: [[1, 2]],
  });
  const searched = (...search: ReturnType<typeof row>[]) => ({ ...before, search });
  const compared = (after: Measured) =>
    compareMeasured(searched(row(1, 5), row(2, 4)), after).filter(({ name }) => name.startsWith("search"));
  const found = (after: Measured) =>
    compared(after).map(({ name, evaluation, verdict }) => [name, evaluation, verdict]);
  assertEquals(found(searched(row(1, 5, 2), row(2, 4.5))), [
    ...[["search.fitness", 1, "exact"], ["search.parameters", 1, "exact"]],
    ...[["search.fitness", 2, "different"], ["search.parameters", 2, "exact"]],
  ]);
  assertEquals(describeComparison(compared(searched(row(1, 5)))), [
    "search.fitness     1 bit for bit, 1 missing: at evaluation 2 4 there, nothing here",
    "search.parameters  1 bit for bit, 1 missing: at evaluation 2 9 there, nothing here",
  ]);
});

Deno.test("rows, numbers and weights that the second run lacks are missing", () => {
  const missing: Record<string, Verdict> = {
    ...all("exact"),
    "loss 2": "missing",
    "val_loss 2": "missing",
    "weights 2": "missing",
  };
  assertEquals(verdicts({ ...before, rows: before.rows.slice(0, 1), weights: { ...weights, step: 1 } }), missing);
  assertEquals(agrees(compareMeasured(before, { ...before, result: undefined })), false);
});

Deno.test("another hash of the weights is a difference where all numbers are equal, and says nothing where some are close", () => {
  const other = { ...before, weights: { ...weights, sha256: "b".repeat(64) } };
  assertEquals(verdicts(other), { ...all("exact"), "weights 2": "different" });
  const close = { ...other, rows: before.rows.map((row) => ({ ...row, loss: Number(row.loss) + 1e-6 })) };
  assertEquals(verdicts(close)["weights 2"], "unknown");
  assertEquals([agrees(compareMeasured(before, other)), agrees(compareMeasured(before, close))], [false, true]);
});

Deno.test("what a notebook declares agrees within the tolerance that it was declared with", () => {
  const stored = [
    ...[{ name: "accuracy", value: 100, tolerance: 5 }, { name: "loss", value: 1, tolerance: 0.01 }],
    ...[{ name: "hash", value: "a", tolerance: 0 }, { name: "gone", value: 1, tolerance: 0 }],
  ];
  const found = [
    ...[{ name: "accuracy", value: 96, tolerance: 5 }, { name: "loss", value: 1.1, tolerance: 0.01 }],
    ...[{ name: "hash", value: "a", tolerance: 0 }, { name: "fresh", value: 1, tolerance: 0 }],
  ];
  assertEquals(agreementsOf(compareResults(stored, found)).map(({ name, verdict }) => [name, verdict]), [
    ...[["accuracy", "close"], ["loss", "different"], ["hash", "exact"], ["gone", "missing"]],
  ]);
});

Deno.test("the comparison says of each name how many numbers agree how, and shows where they do not", () => {
  const rows = [{ step: 1, loss: 6.005 }, { step: 2, loss: 5.1 }];
  assertEquals(describeComparison(compareMeasured(before, { rows, result: before.result })), [
    "loss                  1 within tolerance, 1 different: at step 2 5 there, 5.1 here",
    "val_loss              missing: at step 2 5.5 there, nothing here",
    "result.student.loss   bit for bit",
    "result.costs.0.flops  bit for bit",
    "weights               missing: at step 2 SHA-256 aaaaaaaaaaaa there, nothing here",
  ]);
});
