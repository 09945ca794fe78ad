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
import { sizesOf, type StoredTeacher } from "./teacher.ts";

/** Says in lines of text what a config decides, its parameters, FLOPs, memory and largest binding. Writes nothing. */
export async function dryRun(place: RunPlace): Promise<string[]> {
  const { config, teacher } = place;
  using device = await openDevice(config.device, machineOptions(config.threads));
  const model = modelOf(place);
  const memory = estimateMemory(device, model, config, Infinity, sizesOf(teacher));
  const flops = trainingFlopsPerToken(model, config.sequence);
  const { tokens } = config;
  return [
    ...explain(config, model),
    `device: ${describeDevice(device)}`,
    `parameters: ${formatCount(countParameters(model))}`,
    `training FLOPs per token: ${flops.toExponential(3)}; for ${formatCount(tokens)} tokens: ` +
    (flops * tokens).toExponential(3),
    ...(teacher ? [teacherCost(teacher, config)] : []),
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
  const { batch, sequence } = config;
  const tokens = taughtSteps(config) * batch * sequence;
  const [flops, paid] = teacher.kind === "model"
    ? [forwardFlopsPerToken(teacher.config, sequence), tokens]
    : [teacher.store.manifest.teacher.flopsPerToken, Math.min(tokens, teacher.store.manifest.windows * sequence)];
  return `the teacher's FLOPs per token: ${flops.toExponential(3)}; for ${formatCount(paid)} tokens: ` +
    (flops * paid).toExponential(3);
}
