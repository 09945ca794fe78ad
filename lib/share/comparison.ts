/**
 * Which numbers of a run that was repeated agree with those of the first.
 *
 * @module
 */

import { shortHash } from "../data/hash.ts";
import type { NumberedRow } from "../io/search_directory.ts";
import { type LogRow, stripTimes } from "../io/run_log.ts";
import type { ComparedResult } from "../notebook/compare.ts";
import { isObject } from "../unknown.ts";

/** The numbers of a run. */
export interface Measured {
  /** The rows of its log. */
  readonly rows: readonly LogRow[];
  /** The rows of its search. @default {[]} */
  readonly search?: readonly SearchedRow[];
  /** What it reached: its numbers are taken from any depth. */
  readonly result?: unknown;
  /** SHA-256 of the weights after a step. */
  readonly weights?: { readonly step: number; readonly sha256: string } | undefined;
}

/** A row of a search, of which all numbers are compared but those of the candidate's indices and its time. */
export interface SearchedRow extends NumberedRow {
  readonly genotype?: unknown;
  readonly latency_ms?: number;
}

/** How a number that was repeated stands to the first. `unknown` is a hash that cannot agree within a tolerance. */
export type Verdict = "exact" | "close" | "different" | "missing" | "unknown";

/** One number, before and after. */
export interface Agreement {
  /** What it is: the field of a row, a path in search or result, `weights`, or what a notebook declared. */
  readonly name: string;
  /** Of a search: the number of the evaluation. */
  readonly evaluation?: number;
  /** Of a row: its step. */
  readonly step?: number;
  /** How the two agree. */
  readonly verdict: Verdict;
  /** As it was. */
  readonly before: number | string;
  /** As it is now, unless there is none. */
  readonly after?: number | string;
}

/** Fields of a result that are times. */
const TIMES = new Set(["seconds"]);

/**
 * Compares all numbers that are no times: those of the rows that the first run and its search had, those of its result,
 * and the hash of its weights. What the first did not have is not looked at.
 *
 * @param tolerance How far two numbers may be apart, as a share of the larger one. @default {1e-3}
 */
export function compareMeasured(before: Measured, after: Measured, tolerance = 1e-3): Agreement[] {
  const { search: searched = [] } = before, { search: again = [] } = after;
  const numbersOfSearched = ({ genotype: _, latency_ms: _time, ...row }: SearchedRow) => numbersOf(row, "search");
  const ofSearch = compareRows("evaluation", searched, again, numbersOfSearched, tolerance);
  const ofRows = compareRows("step", before.rows, after.rows, (row) => numbersOf(stripTimes(row)), tolerance);
  const result = numbersOf(after.result);
  const ofResult = [...numbersOf(before.result)].map(([name, value]) =>
    judge(name, value, result.get(name), tolerance)
  );
  const numbers = [...ofSearch, ...ofRows, ...ofResult];
  return [...numbers, ...compareWeights(before, after, numbers.every(({ verdict }) => verdict === "exact"))];
}

/** Says of the results that a notebook declares how they agree, each with the tolerance that it was declared with. */
export function agreementsOf(compared: readonly ComparedResult[]): Agreement[] {
  return compared.flatMap(({ name, stored, found, verdict }) =>
    stored ? [{ name, verdict: VERDICTS[verdict], before: stored.value, ...(found && { after: found.value }) }] : []
  );
}

const VERDICTS: Readonly<Record<ComparedResult["verdict"], Verdict>> = {
  ...{ same: "exact", "within tolerance": "close", changed: "different", missing: "missing" },
  new: "exact", // it agrees with all that was declared, which is nothing
};

/** Tells whether nothing differs and nothing is missing. */
export function agrees(agreements: readonly Agreement[]): boolean {
  return agreements.every(({ verdict }) => verdict !== "different" && verdict !== "missing");
}

/** Says of each name how many of its numbers agree how, and shows the first that does not; a line each. */
export function describeComparison(agreements: readonly Agreement[]): string[] {
  const names = [...new Set(agreements.map(({ name }) => name))];
  const width = Math.max(...names.map(({ length }) => length), 0);
  return names.map((name) => {
    const all = agreements.filter((each) => each.name === name);
    const counts = WORDS.flatMap(([verdict, words]) => {
      const count = all.filter((each) => each.verdict === verdict).length;
      return count === 0 ? [] : [`${all.length > 1 ? `${count} ` : ""}${words}`];
    });
    const worst = all.find(({ verdict }) => verdict === "different" || verdict === "missing") ??
      all.find(({ verdict }) => verdict !== "exact");
    return `${name.padEnd(width)}  ${counts.join(", ")}${worst ? `: ${describe(worst)}` : ""}`;
  });
}

const WORDS: readonly (readonly [Verdict, string])[] = [
  ["exact", "bit for bit"],
  ["close", "within tolerance"],
  ["different", "different"],
  ["missing", "missing"],
  ["unknown", "not comparable, as only the hash is known"],
];

function describe({ step, evaluation, before, after }: Agreement): string {
  const at = step !== undefined ? `at step ${step} ` : evaluation !== undefined ? `at evaluation ${evaluation} ` : "";
  return `${at}${before} there, ${after ?? "nothing"} here`;
}

/** Compares rows of one number, whose names end in what the number is called. */
function compareRows<Number extends "step" | "evaluation", Row extends Readonly<Record<Number, number>>>(
  number: Number,
  before: readonly Row[],
  after: readonly Row[],
  numbers: (row: Row) => ReadonlyMap<string, number>,
  tolerance: number,
): Agreement[] {
  const rows = new Map(after.map((row) => [row[number], numbers(row)]));
  return before.flatMap((row) =>
    [...numbers(row)].filter(([name]) => name.split(".").at(-1) !== number).map(([name, value]): Agreement => (
      { [number]: row[number], ...judge(name, value, rows.get(row[number])?.get(name), tolerance) }
    ))
  );
}

function judge(name: string, before: number, after: number | undefined, tolerance: number): Agreement {
  if (after === undefined) return { name, verdict: "missing", before };
  if (Object.is(before, after)) return { name, verdict: "exact", before, after };
  const most = tolerance * Math.max(Math.abs(before), Math.abs(after));
  return { name, verdict: Math.abs(before - after) <= most ? "close" : "different", before, after };
}

/** Numbers that are close come of weights that differ in their last digits, which a hash cannot tell from others. */
function compareWeights({ weights: before }: Measured, { weights: after }: Measured, exact: boolean): Agreement[] {
  if (!before) return [];
  const weights = { name: "weights", step: before.step, before: shortHash(before.sha256) };
  if (after?.step !== before.step) return [{ ...weights, verdict: "missing" }];
  const same = before.sha256 === after.sha256;
  return [{ ...weights, verdict: same ? "exact" : exact ? "different" : "unknown", after: shortHash(after.sha256) }];
}

/** All numbers in a value, by their paths; times are left out. */
function numbersOf(value: unknown, path = ""): Map<string, number> {
  if (typeof value === "number") return new Map([[path, value]]);
  if (!isObject(value) && !Array.isArray(value)) return new Map();
  return new Map(
    Object.entries(value).filter(([name]) => !TIMES.has(name)).flatMap(([name, inner]) => [
      ...numbersOf(inner, path === "" ? name : `${path}.${name}`),
    ]),
  );
}
