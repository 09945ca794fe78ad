/**
 * What a pipeline reports, stage after stage.
 *
 * @module
 */

import type { PipelineRecord } from "../../pipeline/pipeline.ts";
import { describeResult } from "../../pipeline/result.ts";
import type { Generation } from "../../pipeline/take_search.ts";
import { cardOf } from "../../report/card.ts";
import type { Picture } from "../../report/display.ts";
import { searchChart } from "../../report/search_chart.ts";
import { describeSubNetwork } from "../../subnet/describe.ts";
import { formatCount } from "../../units.ts";
import { describeTraining, trainingView } from "./training.ts";
import { areRows, type ShowOptions, type View } from "./view.ts";

/** The loss of the training or, before it, the best of each generation; beneath it what the stages came to. */
export const pipelineView: View<readonly PipelineRecord[]> = {
  accepts: (value) => areRows(value, ["stage"]),
  draw: (records, options) => {
    const lines = Object.values(Object.groupBy(records, ({ stage }) => stage)).flatMap(describeStage);
    return { svg: chartOf(records, options, lines), text: lines.reverse().join("\n") };
  },
};

type Of<Stage extends PipelineRecord["stage"]> = Extract<PipelineRecord, { readonly stage: Stage }>;

function chartOf(records: readonly PipelineRecord[], options: ShowOptions, lines: readonly string[]): Picture["svg"] {
  const rows = records.flatMap((record) => record.stage === "train" ? record.row : []);
  if (rows.length > 0) return trainingView.draw(rows, options).svg;
  const generations = records.flatMap((record) => record.stage === "search" ? record.generation : []);
  if (generations.length > 0) {
    const fitness = records.find((record) => record.stage === "prepare")?.search.config.fitness;
    return searchChart(generations.map(lastOf), { title: options.title ?? "Search", fitness });
  }
  return cardOf({ title: options.title ?? "Pipeline", lines: lines.map((line) => ["", line]) }).svg;
}

function lastOf({ last, best }: Generation) {
  return { ...last, best: best.fitness };
}

/** Says what a stage came to, by its last record. */
function describeStage(records: readonly PipelineRecord[] = []): string[] {
  const record = records.at(-1)!;
  switch (record.stage) {
    case "prepare":
      return [
        `search in ${record.search.space.name}, at most ${formatCount(record.search.config.evaluations)} evaluations`,
      ];
    case "search": {
      const { last, best, perSecond } = record.generation;
      return [
        `search: generation ${last.generation}, ${formatCount(last.evaluation)} evaluations, ${
          perSecond.toFixed(1)
        } a ` +
        `second, best ${best.fitness.toFixed(4)} nats a token`,
      ];
    }
    case "inherit": {
      const { subNetwork, parameters, loss } = record.inherited;
      return [
        `student: ${describeSubNetwork(subNetwork)}; ${formatCount(parameters)} parameters, ${
          loss.toFixed(3)
        } nats a ` +
        "token before training",
      ];
    }
    case "begin":
      return [`training of ${formatCount(record.steps)} steps`];
    case "train":
      return [describeTraining(records.map((each) => (each as Of<"train">).row))];
    case "evaluate":
      return describeResult(record.result);
    default:
      return [];
  }
}
