/**
 * What a pipeline will take, without doing it.
 *
 * @module
 */

import { readModelFolder } from "../io/huggingface.ts";
import { forwardFlopsPerToken, trainingFlopsPerToken } from "../model/flops.ts";
import { countParameters } from "../model/parameters.ts";
import { parseLevels } from "../search/sub_network_config.ts";
import { turnFlops } from "../subnet/axes/turn.ts";
import { parseBudget } from "../subnet/budget.ts";
import { refitFlops } from "../subnet/repair/projections.ts";
import { teacherStreamsFlops } from "../subnet/repair/streams.ts";
import { taughtSteps } from "../train/schedule.ts";
import { formatCount } from "../units.ts";
import { searchConfig } from "./config.ts";
import type { PipelinePlace } from "./find.ts";
import { INHERITANCE } from "./recipe.ts";

/**
 * Says in lines of text which stages there are and about how many FLOPs each takes. A student is not known before it is
 * found: it is taken to cost its share of the teacher's parameters.
 */
export async function dryRunPipeline({ config, directory }: PipelinePlace): Promise<string[]> {
  const { config: teacher } = await readModelFolder(config.cutFrom);
  const all = countParameters(teacher);
  const parameters = parseBudget(config.params, all);
  const share = parameters / all;
  const forward = forwardFlopsPerToken(teacher);
  const { evaluations, calibrationTokens, fitness, importance } = searchConfig(config);
  const calibration = parseLevels(calibrationTokens, "--calibration-tokens", Infinity)[0]!;
  const lessons = config.teacher === "none" ? 0 : taughtSteps(config) * config.batch * config.sequence;
  const scored = { taylor: trainingFlopsPerToken(teacher), activation: forward, none: 0 }[importance];
  const { sequence } = teacher;
  const half = calibration / 2; // of which a judge of repaired students repairs them
  const judged = fitness === "repaired"
    ? share * (refitFlops(teacher, half, sequence) + half * forward)
    : share * calibration * forward;
  const search = evaluations * judged + calibration * scored;
  const text = INHERITANCE.calibrationTokens;
  const repair = (config.norms === "rescale" || config.repair ? teacherStreamsFlops(teacher, text, sequence) : 0) +
    (config.repair ? share * refitFlops(teacher, text, sequence) : 0);
  const about = (flops: number) => `about ${flops.toExponential(2)} FLOPs`;
  const training = [
    config.tokens * share * trainingFlopsPerToken(teacher, config.sequence),
    lessons * forwardFlopsPerToken(teacher, config.sequence),
  ] as const;
  return [
    `run directory: ${directory.path}`,
    `cut out of: '${config.cutFrom}', ${formatCount(all)} parameters`,
    ...(config.teacher === config.cutFrom ? [] : [`teacher: ${config.teacher}`]),
    ...(config.axes === "principal"
      ? [`axes: principal, heads and neurons sorted; ${about(turnFlops(teacher, text, sequence) + text * scored)}`]
      : []),
    config.init === "search"
      ? `search: ${formatCount(evaluations)} students of ${config.params} in ${config.space} by ${config.method}; ` +
        (fitness === "trained" ? "each is trained, which costs more than is counted here" : about(search))
      : config.init === "importance"
      ? `importance: ${config.importance} scores; ${about(calibration * scored)}`
      : `sub-network: '${config.init}'`,
    `inheritance: norms ${config.norms}, projections ${config.repair ? "refitted" : "kept"}; ` +
    about(repair),
    `training: about ${formatCount(parameters)} parameters on ${formatCount(config.tokens)} tokens; ` +
    `${about(training[0])} for the student, ${about(training[1])} for the teacher`,
    "evaluation: the student, and what it stands beside, on the held-out text, and a report",
  ];
}
