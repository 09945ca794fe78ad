/**
 * Which arms of a study its charts draw.
 *
 * @module
 */

import { lessonOf, startOf } from "../report/arm_name.ts";
import type { StudySummary } from "./summary.ts";

/** Lines that a chart holds before none of them can be followed. */
const MOST = 16;

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
  const all = Object.entries(summary.arms);
  if (all.length <= most) return summary;
  const lowest = ([, { budgets }]: typeof all[number]) => Math.min(...budgets.map(({ loss_mean }) => loss_mean));
  const [best] = all.reduce((a, b) => lowest(b) < lowest(a) ? b : a);
  const starts = [best, summary.reference].map(startOf);
  const drawn = all.filter(([name]) => lessonOf(name) === undefined || starts.includes(startOf(name)));
  return { ...summary, arms: Object.fromEntries(drawn) };
}
