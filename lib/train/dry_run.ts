/**
 * What a run will need, without training.
 *
 * @module
 */

import { describeDevice, openDevice } from "../devices/mod.ts";
import { describeAlignment } from "../distill/align.ts";
import { machineOptions } from "../io/machine.ts";
import { countParameters } from "../model/parameters.ts";
import { projectionFlopsPerToken } from "../model/hidden_alignment.ts";
import { forwardFlopsPerToken, trainingFlopsPerToken } from "../model/flops.ts";
import { formatBytes, formatCount } from "../units.ts";
import { alignmentOf } from "./alignment.ts";
import { explain, type PretrainConfig } from "./config.ts";
import { estimateMemory } from "./memory.ts";
import type { RunPlace } from "./resume.ts";
import { modelOf } from "./run.ts";
import { taughtSteps } from "./schedule.ts";
import { type StoredTeacher, taughtBy } from "./teacher.ts";

/** Says in lines of text what a config decides, its parameters, FLOPs, memory and largest binding. Writes nothing. */
export async function dryRun(place: RunPlace): Promise<string[]> {
  const { config, teacher } = place;
  using device = await openDevice(config.device, machineOptions(config.threads));
  const model = modelOf(place);
  const hidden = alignmentOf(place, model);
  const memory = estimateMemory(device, model, config, Infinity, taughtBy(teacher, hidden));
  const flops = trainingFlopsPerToken(model, config.sequence);
  const projected = teacher?.kind === "model" && hidden ? projectionFlopsPerToken(hidden, model, teacher.config) : 0;
  const { tokens } = config;
  return [
    ...explain(config, model),
    ...(hidden ? [describeAlignment(hidden)] : []),
    `device: ${describeDevice(device)}`,
    `parameters: ${formatCount(countParameters(model))}`,
    `training FLOPs per token: ${flops.toExponential(3)}; for ${formatCount(tokens)} tokens: ` +
    (flops * tokens).toExponential(3),
    ...(teacher ? [teacherCost(teacher, config)] : []),
    ...(projected ? [`the projection's ${costOf(projected, taughtTokens(config))}`] : []),
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

/** A model reads each batch; what a store holds was read once. */
function teacherCost(teacher: StoredTeacher, config: PretrainConfig): string {
  const tokens = taughtTokens(config);
  if (teacher.kind === "model") {
    return `the teacher's ${costOf(forwardFlopsPerToken(teacher.config, config.sequence), tokens)}`;
  }
  const { windows, teacher: { flopsPerToken } } = teacher.store.manifest;
  return `the teacher's ${costOf(flopsPerToken, Math.min(tokens, windows * config.sequence))}`;
}

function costOf(flops: number, tokens: number): string {
  return `FLOPs per token: ${flops.toExponential(3)}; for ${formatCount(tokens)} tokens: ${
    (flops * tokens).toExponential(3)
  }`;
}

function taughtTokens(config: PretrainConfig): number {
  return taughtSteps(config) * config.batch * config.sequence;
}
