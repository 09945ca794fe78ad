/**
 * The log of a training.
 *
 * @module
 */

import { formatDuration } from "../../cli/progress.ts";
import { trainingChart, type TrainingChartRow } from "../../report/training_chart.ts";
import type { TrainRow } from "../../train/records.ts";
import { formatCount } from "../../units.ts";
import { areRows, type View } from "./view.ts";

/** The rows of a run, finished or under way: loss against tokens. */
export const trainingView: View<readonly TrainRow[]> = {
  accepts: (value) => areRows(value, ["step", "tokens", "loss"]),
  draw: (rows, { title }) => ({
    svg: trainingChart(rows as readonly TrainingChartRow[], { ...(title !== undefined && { title }) }),
    text: describeTraining(rows),
  }),
};

/** Says in two lines where a training is and how fast it goes. */
export function describeTraining(rows: readonly TrainRow[]): string {
  const { step, tokens, loss, cross_entropy, tokens_per_s, elapsed_s } = rows.at(-1)!;
  const validated = rows.findLast(({ val_loss }) => val_loss !== undefined);
  const reached = [
    `step ${formatCount(step)}, ${formatCount(tokens)} tokens`,
    `loss ${(cross_entropy ?? loss).toFixed(3)}`,
    ...(validated
      ? [`validation ${validated.val_loss!.toFixed(3)} nats a token, ${validated.val_bpb!.toFixed(3)} bits per byte`]
      : []),
  ];
  return `${reached.join(", ")}\n${formatCount(tokens_per_s)} tokens/s, ${formatDuration(elapsed_s)}`;
}
