/**
 * Looking into a model while it is trained.
 *
 * @module
 */

import { activationsOf, type ActivationValues } from "../model/activations.ts";
import { capture } from "../model/forward.ts";
import type { Run } from "./run.ts";

/** Captures activations of one window of text, the same at every validation. */
export interface Probe {
  /** Names of activations: `blocks.3.attention`, `blocks.3.mlp`, `blocks.3`; `activationNames` lists them. */
  readonly capture: readonly string[];
  /** What the model reads, of equal lengths. @default the first window of the held-out text */
  readonly tokens?: readonly (readonly number[])[] | undefined;
  /** Told of them after each validation, by name; the run waits for what it returns. */
  readonly captured: (step: number, activations: ReadonlyMap<string, ActivationValues>) => void | Promise<void>;
}

/** Captures what a probe asks for. */
export async function capturedBy(
  { capture: names, tokens }: Probe,
  { model, data, config }: Run,
): Promise<ReadonlyMap<string, ActivationValues>> {
  const read = tokens ?? [Array.from(data.validation.subarray(0, config.sequence))];
  return activationsOf(await capture(model, read, names), read.length * (read[0]?.length ?? 0));
}
