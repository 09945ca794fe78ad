/**
 * What a plain run has reached, for its report.
 *
 * @module
 */

import { PipelineDirectory } from "../io/pipeline_directory.ts";
import { countParameters } from "../model/parameters.ts";
import type { TrainRow } from "../train/records.ts";
import type { Run } from "../train/run.ts";
import { costsOf } from "./costs.ts";
import { baselinesOf, trainingCosts } from "./evaluate_stage.ts";
import { writeReport } from "./report.ts";
import type { Result, Sample } from "./result.ts";

/**
 * Keeps the result of a run that has ended, as its last validation says it, and writes the report.
 *
 * @param last The run's last row; without a validation in it there is a report, and no result.
 * @returns The path of the report.
 */
export async function finishRun(
  { config, data, model, evaluator, directory: { path } }: Run,
  last: TrainRow | undefined,
  samples: readonly Sample[],
): Promise<string> {
  const directory = new PipelineDirectory(path);
  if (last?.val_loss !== undefined) {
    const result: Result = {
      ...{ tokens: last.tokens, heldOut: evaluator.tokens, samples },
      student: {
        ...{ loss: last.val_loss, perplexity: last.val_perplexity!, bitsPerByte: last.val_bpb! },
        parameters: countParameters(model.config),
      },
      ...baselinesOf(data),
      costs: costsOf({}, trainingCosts(last, model, config.sequence)),
    };
    await directory.write(directory.result, result);
  }
  return await writeReport(path);
}
