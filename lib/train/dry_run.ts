/**
 * What a run will need, without training.
 *
 * @module
 */

import { openDevice } from "../devices/mod.ts";
import { countParameters } from "../model/parameters.ts";
import { trainingFlopsPerToken } from "../model/flops.ts";
import { pagesOf } from "../model/pages.ts";
import { formatBytes } from "../units.ts";
import { explain, modelConfig, type PretrainConfig } from "./config.ts";
import { stepOptions } from "./run.ts";
import { stepGraphs } from "./training_step.ts";

/** Says in lines of text what a config decides, its parameters, FLOPs, memory and largest binding. */
export async function dryRun(config: PretrainConfig): Promise<string[]> {
  using device = await openDevice(config.device);
  const model = modelConfig(config);
  const pages = pagesOf(model);
  const { pass, update } = stepGraphs(model, pages, stepOptions(config));
  const [passes, updates] = [device.estimate(pass), device.estimate(update)];
  const persistent = updates.persistentBytes;
  const programs = passes.programBytes + updates.programBytes;
  const flops = trainingFlopsPerToken(model, config.sequence);
  return [
    ...explain(config),
    `device: ${device.name} (${device.software ? "software" : "hardware"})`,
    `parameters: ${countParameters(model).toLocaleString("en-US")}`,
    `training FLOPs per token: ${flops.toExponential(3)}; for ${config.tokens.toLocaleString("en-US")} tokens: ` +
    (flops * config.tokens).toExponential(3),
    `memory: ${formatBytes(persistent + programs)}, of which parameters, gradients and optimizer state ` +
    `${formatBytes(persistent)}, activations and scratch ${formatBytes(programs)} (` +
    `${formatBytes(pass.unsharedBytes)} without slot reuse)`,
    `largest binding: ${formatBytes(Math.max(passes.largestBindingBytes, updates.largestBindingBytes))}`,
    `launches: ${passes.launches} a pass, ${updates.launches} an update`,
  ];
}
