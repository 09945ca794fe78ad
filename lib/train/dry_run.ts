/**
 * What a run will need, without training.
 *
 * @module
 */

import { describeDevice, openDevice } from "../devices/mod.ts";
import { machineOptions } from "../io/machine.ts";
import { countParameters } from "../model/parameters.ts";
import { forwardFlopsPerToken, trainingFlopsPerToken } from "../model/flops.ts";
import { formatBytes, formatCount } from "../units.ts";
import { explain, type PretrainConfig } from "./config.ts";
import { estimateMemory } from "./memory.ts";
import type { RunPlace } from "./resume.ts";
import { modelOf } from "./run.ts";
import { taughtSteps } from "./schedule.ts";

/** Says in lines of text what a config decides, its parameters, FLOPs, memory and largest binding. Writes nothing. */
export async function dryRun(place: RunPlace): Promise<string[]> {
  const { config, teacher } = place;
  using device = await openDevice(config.device, machineOptions(config.threads));
  const model = modelOf(place);
  const memory = estimateMemory(device, model, config, Infinity, teacher?.config);
  const flops = trainingFlopsPerToken(model, config.sequence);
  const taught = teacher ? forwardFlopsPerToken(teacher.config, config.sequence) : 0;
  const { tokens } = config;
  return [
    ...explain(config, model),
    `device: ${describeDevice(device)}`,
    `parameters: ${formatCount(countParameters(model))}`,
    `training FLOPs per token: ${flops.toExponential(3)}; for ${formatCount(tokens)} tokens: ` +
    (flops * tokens).toExponential(3),
    ...(teacher
      ? [
        `the teacher's FLOPs per token: ${taught.toExponential(3)}; for ${formatCount(taughtTokens(config))} tokens: ` +
        (taught * taughtTokens(config)).toExponential(3),
      ]
      : []),
    `memory on the device: ${formatBytes(memory.totalBytes)} (${formatCount(memory.totalBytes)} bytes)`,
    `  parameters, ${teacher ? "the teacher's, " : ""}gradients and optimizer state: ${
      formatBytes(memory.persistentBytes)
    }`,
    `  activations and scratch of a step: ${formatBytes(memory.trainingBytes)} (` +
    `${formatBytes(memory.unsharedBytes)} if nothing were reused)`,
    `  validation: ${formatBytes(memory.validationBytes)}`,
    `  uploads and results: ${formatBytes(memory.transferBytes)}`,
    `largest binding: ${formatBytes(memory.largestBindingBytes)}`,
    `launches: ${memory.launches.pass} a pass, ${memory.launches.update} an update`,
  ];
}

function taughtTokens(config: PretrainConfig): number {
  return taughtSteps(config) * config.batch * config.sequence;
}
