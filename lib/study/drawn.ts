/**
 * Which arms of a study its charts draw.
 *
 * @module
 */

import { lessonOf, startOf } from "../report/arm_name.ts";
import type { StudySummary } from "./summary.ts";

/** Lines that a chart holds before none of them can be followed. */
const MOST = 16;

/** What is drawn of a study. */
type Arms = Pick<StudySummary, "reference" | "arms">;

/**
 * Leaves the arms of a large study that charts are to draw: each start without lessons, and all lessons of the reference
 * and of the start of the lowest loss. Tables have all of them.
 *
 * @param most Arms up to which all are drawn. @default {16}
 */
export function drawnArms<Summary extends Pick<StudySummary, "reference" | "arms">>(
  summary: Summary,
  most = MOST,
): Summary {
  if (Object.keys(summary.arms).length <= most) return summary;
  const starts = [bestStart(summary), startOf(summary.reference)];
  return withArms(summary, (name) => lessonOf(name) === undefined || starts.includes(startOf(name)));
}

/**
 * Leaves the arms that tell a study in short: the reference, the strongest start that costs nothing to find, and all
 * lessons of the start of the lowest loss.
 */
export function overviewArms<Summary extends Pick<StudySummary, "reference" | "arms" | "cheap">>(
  summary: Summary,
): Summary {
  const best = bestStart(summary);
  const others = [summary.reference, summary.cheap?.baseline];
  return withArms(summary, (name) => others.includes(name) || startOf(name) === best);
}

function bestStart({ arms }: Arms): string {
  const lowest = (name: string) => Math.min(...arms[name]!.budgets.map(({ loss_mean }) => loss_mean));
  return startOf(Object.keys(arms).reduce((a, b) => lowest(b) < lowest(a) ? b : a));
}

function withArms<Summary extends Arms>(summary: Summary, keep: (name: string) => boolean): Summary {
  return { ...summary, arms: Object.fromEntries(Object.entries(summary.arms).filter(([name]) => keep(name))) };
}
