/**
 * Runs beside each other: settings that differ, loss curves, and what was reached at what cost.
 *
 * @module
 */

import { formatDuration } from "../cli/progress.ts";
import { canonicalJson } from "../data/hash.ts";
import { totalOf } from "../pipeline/costs.ts";
import { OF_THE_CALL } from "../pipeline/settings.ts";
import type { Part, Section } from "../report/page.ts";
import { type RunCurve, runsChart } from "../report/runs_chart.ts";
import { formatCount } from "../units.ts";
import { commonLabel } from "./labels.ts";
import type { RunSource } from "./source.ts";

type Settings = Readonly<Record<string, unknown>>;

/** Where a run lies, how it is shown and where it is computed: runs that differ in no more are runs of one thing. */
const OF_THE_PLACE = [...OF_THE_CALL, "device", "threads"];

/** Budgets that differ more than this many times are drawn over a logarithmic axis. */
const WIDE = 4;

/** Settings that a page begins with at most; more are folded, so that the losses are seen first. */
const MOST_OPEN = 12;

/** Describes runs. */
export function runSections(runs: readonly RunSource[]): Section[] {
  if (runs.length === 0) return [];
  return [settingsSection(runs), ...lossSections(runs), resultSection(runs)];
}

/** The settings of a run, those of the whole pipeline where there was one. */
function settingsOf({ files: { config, pipeline } }: RunSource): Settings {
  const entries = Object.entries(pipeline ?? config).filter(([field]) => !OF_THE_PLACE.includes(field));
  return Object.fromEntries(entries);
}

function settingsSection(runs: readonly RunSource[]): Section {
  const all = runs.map(settingsOf);
  const fields = [...new Set(all.flatMap((settings) => Object.keys(settings)))];
  const write = (value: unknown) => typeof value === "string" ? value : JSON.stringify(value) ?? "";
  const differing = fields.filter((field) => new Set(all.map((settings) => write(settings[field]))).size > 1);
  const part: Part = differing.length > 0
    ? {
      kind: "table",
      // A column for each run: there are fewer runs than settings.
      titles: ["setting", ...runs.map(({ label }) => label)],
      rows: differing.map((field) => [field, ...all.map((settings) => write(settings[field]))]),
    }
    : { kind: "text", text: "No setting differs." };
  return { heading: "Settings that differ", parts: [part], folded: differing.length > MOST_OPEN };
}

function lossSections(runs: readonly RunSource[]): Section[] {
  const curves = curvesOf(runs.filter(({ files }) => files.rows.length > 0));
  if (curves.length === 0) return [];
  const ends = (of: "tokens" | "flops") => curves.map(({ rows }) => rows.at(-1)![of] ?? 0);
  const unit = commonTokenizer(curves) ? "nats" : "bits";
  const parts = (["tokens", "flops"] as const).map((x): Part => {
    const log = Math.max(...ends(x)) > WIDE * Math.min(...ends(x));
    return {
      kind: "chart",
      svg: runsChart(curves, { x, log, unit, inline: true }),
      label: `Loss of ${curves.length} runs against ${x === "tokens" ? "training tokens" : "FLOPs"}`,
    };
  });
  const text =
    "FLOPs are all that was spent on a student: the search and the repair before training, its own passes and " +
    "those of its teacher. Runs that differ in nothing but the seed are one curve.";
  return [{ heading: "Loss", parts: [...parts, { kind: "text", text }] }];
}

/** Tells whether a nat a token is the same in all runs, as far as they were validated: else only bits a byte compare. */
function commonTokenizer(curves: readonly RunCurve[]): boolean {
  const ratios = curves.flatMap(({ rows }) => {
    const row = rows.find(({ val_loss, val_bpb }) => val_loss !== undefined && val_bpb !== undefined);
    return row ? [row.val_bpb! / row.val_loss!] : [];
  });
  return ratios.length < curves.length || Math.max(...ratios) <= 1.001 * Math.min(...ratios);
}

/** Gives runs that differ in the seed alone one label. */
function curvesOf(runs: readonly RunSource[]): RunCurve[] {
  const key = (run: RunSource) => canonicalJson({ ...settingsOf(run), seed: 0 });
  return [...Map.groupBy(runs, key).values()].flatMap((group) => {
    const label = commonLabel(group.map((run) => run.label));
    return group.map(({ files: { rows, startFlops } }) => ({
      label,
      rows: rows.map((row) => ({ ...row, flops: row.flops + startFlops })),
    }));
  });
}

function resultSection(runs: readonly RunSource[]): Section {
  const titles = ["run", "parameters", "tokens", "nats a token", "bits a byte", "FLOPs", "minutes", "device"];
  const rows = runs.map(({ label, files: { rows, result, startFlops, device } }) => {
    const last = rows.at(-1), validated = rows.findLast(({ val_loss }) => val_loss !== undefined);
    const loss = result?.student.loss ?? validated?.val_loss, bits = result?.student.bitsPerByte ?? validated?.val_bpb;
    const costs = result ? totalOf(result.costs) : last && { flops: startFlops + last.flops, seconds: last.elapsed_s };
    return [
      label,
      result?.student.parameters === undefined ? "" : formatCount(result.student.parameters),
      formatCount(last?.tokens ?? 0),
      loss?.toFixed(4) ?? "",
      bits?.toFixed(4) ?? "",
      costs?.flops.toExponential(2) ?? "",
      costs ? formatDuration(costs.seconds) : "",
      device,
    ];
  });
  const text =
    "Losses are held out. Of a run that has not ended they are those of its last validation, and time is that of " +
    "its training.";
  return {
    heading: "What was reached, and what it cost",
    parts: [{ kind: "table", titles, rows }, { kind: "text", text }],
  };
}
