/**
 * What a run allocates on its device, known before anything is allocated.
 *
 * @module
 */

import type { Device } from "../devices/device.ts";
import { outOfMemory } from "../devices/errors.ts";
import { VALIDATIONS_IN_FLIGHT } from "../evaluate/loss.ts";
import { alignedBytes, type Plan, plan } from "../graph/plan.ts";
import { BYTES_PER_ELEMENT } from "../graph/tensor.ts";
import { blockShapes } from "../model/blocks.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import type { HiddenAlignment } from "../model/hidden_alignment.ts";
import { lossGraph, type StoredLogits } from "../model/loss.ts";
import { pagesOf } from "../model/pages.ts";
import { countParameters } from "../model/parameters.ts";
import { type PretrainConfig, stepOptions } from "./config.ts";
import { MOST_PENDING } from "./clock.ts";
import { stepGraphs } from "./step_graphs.ts";

/** No device has more, and to record what needs more could exhaust this process. */
const MOST_BYTES = 2 ** 40;

/** The memory of a run from its first step on; downloads and samples take a little more for a moment. */
export interface RunMemory {
  /** Parameters, the teacher's among them, gradients and optimizer state. */
  readonly persistentBytes: number;
  /** The programs of a step: activations, scratch and launch parameters. */
  readonly trainingBytes: number;
  /** The program of a validation. */
  readonly validationBytes: number;
  /** Tokens on their way to the device, and losses on their way back. */
  readonly transferBytes: number;
  /** All of these. */
  readonly totalBytes: number;
  /** What the programs of a step would take if each tensor had memory of its own. */
  readonly unsharedBytes: number;
  readonly largestBindingBytes: number;
  /** Kernel launches of a pass over a micro-batch, and of an update. */
  readonly launches: { readonly pass: number; readonly update: number };
}

/** The model that a student learns from, and which hidden states are compared with its own. */
export interface TaughtBy {
  readonly config: GPTNeoXConfig;
  /** @default none */
  readonly hidden?: HiddenAlignment | undefined;
}

/**
 * Adds up what the programs of a run will need.
 *
 * It is exact if the validation split has a micro-batch of windows; a shorter one takes less.
 *
 * @param available Bytes that there are.
 * @param teacher The model that a student learns from, or what is stored of it. @default none
 * @throws {DeviceError} If more is needed.
 */
export function estimateMemory(
  device: Device,
  model: GPTNeoXConfig,
  config: PretrainConfig,
  available = Infinity,
  teacher?: TaughtBy | StoredLogits,
): RunMemory {
  const { microBatch, sequence, batch, evalTokens } = config;
  const [whole, stored] = teacher && "entries" in teacher ? [undefined, teacher] : [teacher, undefined];
  refuseAbove(Math.min(available, MOST_BYTES), leastBytes(model, microBatch * sequence, whole?.config));
  const pages = pagesOf(model);
  const taughtBy = whole ? { config: whole.config, pages: pagesOf(whole.config) } : stored;
  const options = { ...stepOptions(config), hidden: whole?.hidden };
  const { pass, untaught, update, sums, results } = stepGraphs(model, pages, options, taughtBy);
  const training = [pass, ...(untaught ? [untaught] : []), update];
  const windows = Math.max(1, Math.min(microBatch, Math.floor(evalTokens / sequence)));
  const validation = plan(lossGraph(model, pages, { batch: windows, sequence }).graph);
  // Programs share persistent tensors by their names.
  const persistent = new Map(training.flatMap((each) => each.persistent).map((tensor) => [tensor.name, tensor]));
  const persistentBytes = [...persistent.values()].reduce((sum, tensor) => sum + alignedBytes(tensor), 0);
  // The plans alone say whether memory is short, even where a device could not bind tensors so large.
  refuseAbove(available, [...training, validation].reduce((sum, { slotBytes }) => sum + slotBytes, persistentBytes));

  const estimates = training.map((each) => device.estimate(each));
  const validations = device.estimate(validation);
  const trainingBytes = estimates.reduce((sum, { programBytes }) => sum + programBytes, 0);
  const validationBytes = validations.programBytes;
  const transferBytes = device.estimateTransfers({
    ...stepTransfers(pass, batch / microBatch, update, sums.length + results.length),
    rings: [results.length * MOST_PENDING, VALIDATIONS_IN_FLIGHT],
  });
  const totalBytes = persistentBytes + trainingBytes + validationBytes + transferBytes;
  refuseAbove(available, totalBytes);
  return {
    persistentBytes,
    trainingBytes,
    validationBytes,
    transferBytes,
    totalBytes,
    unsharedBytes: training.reduce((sum, { unsharedBytes }) => sum + unsharedBytes, 0),
    largestBindingBytes: Math.max(...[...estimates, validations].map((each) => each.largestBindingBytes)),
    launches: { pass: estimates[0]!.launches, update: estimates.at(-1)!.launches },
  };
}

/**
 * Bytes that a pass cannot do without: parameters, gradients and moments, what attention and gelu leave behind, and the
 * teacher's parameters.
 */
function leastBytes(model: GPTNeoXConfig, tokens: number, teacher?: GPTNeoXConfig): number {
  const kept = blockShapes(model).reduce(
    (sum, { heads, headSize, mlpWidth }) => sum + 4 * heads * headSize + mlpWidth,
    0,
  );
  const parameters = 4 * countParameters(model) + (teacher ? countParameters(teacher) : 0);
  return BYTES_PER_ELEMENT * (parameters + tokens * kept);
}

function refuseAbove(available: number, needed: number): void {
  if (needed > available) throw outOfMemory("this run", needed, available);
}

/** What goes to the device with one step, which is one submission: the largest, with the teacher where there is one. */
function stepTransfers(pass: Plan, accumulation: number, update: Plan, scalars: number) {
  const inputs = ({ graph }: Plan) => graph.tensors.filter(({ role }) => role === "input");
  const bytes = (plan: Plan) => inputs(plan).reduce((sum, { size }) => sum + size * BYTES_PER_ELEMENT, 0);
  const cleared = update.persistent.filter(({ role }) => role === "gradient").length;
  const runs = accumulation * (inputs(pass).length + 1) + inputs(update).length + 1;
  return { commands: cleared + runs + scalars, inputBytes: accumulation * bytes(pass) + bytes(update) };
}
