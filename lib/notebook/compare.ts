/**
 * Whether a repetition finds the results that a notebook holds.
 *
 * @module
 */

import { type Column, formatTable } from "../report/table.ts";
import type { DeclaredResult } from "./result.ts";

/** What became of a result: the same, another one within the stored tolerance or beyond it, no longer or newly declared. */
export type Verdict = "same" | "within tolerance" | "changed" | "missing" | "new";

/** A result as it is stored and as it was found. */
export interface ComparedResult {
  readonly name: string;
  readonly stored?: DeclaredResult;
  readonly found?: DeclaredResult;
  readonly verdict: Verdict;
}

/** Compares results by their names: the stored ones in their order, then the new ones. */
export function compareResults(
  stored: readonly DeclaredResult[],
  found: readonly DeclaredResult[],
): ComparedResult[] {
  const names = new Set(stored.map(({ name }) => name));
  const compared = stored.map((result): ComparedResult => {
    const { name } = result;
    const again = found.find((other) => other.name === name);
    return { name, stored: result, ...(again && { found: again }), verdict: again ? judge(result, again) : "missing" };
  });
  const fresh = found.filter(({ name }) => !names.has(name));
  return [
    ...compared,
    ...fresh.map((result): ComparedResult => ({ name: result.name, found: result, verdict: "new" })),
  ];
}

/** Tells whether a comparison found what was stored; a result that is new or missing is none of that. */
export function holds({ verdict }: ComparedResult): boolean {
  return verdict === "same" || verdict === "within tolerance";
}

/** Lays comparisons out as a table of text. */
export function formatComparison(compared: readonly ComparedResult[]): string {
  const columns: Column<ComparedResult>[] = [
    { title: "name", align: "left", text: ({ name }) => name },
    { title: "stored", text: ({ stored }) => String(stored?.value ?? "-") },
    { title: "found", text: ({ found }) => String(found?.value ?? "-") },
    { title: "tolerance", text: ({ stored, found }) => String((stored ?? found)?.tolerance || "exact") },
    { title: "verdict", align: "left", text: ({ verdict }) => verdict },
  ];
  return formatTable(columns, compared);
}

function judge({ value: stored, tolerance }: DeclaredResult, { value: found }: DeclaredResult): Verdict {
  if (stored === found) return "same";
  const near = typeof stored === "number" && typeof found === "number" && Math.abs(stored - found) <= tolerance;
  return near ? "within tolerance" : "changed";
}
