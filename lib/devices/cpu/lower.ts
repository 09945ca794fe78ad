/**
 * From a plan to a tape, and what it needs.
 *
 * @module
 */

import type { Node } from "../../graph/graph.ts";
import type { Plan } from "../../graph/plan.ts";
import { BYTES_PER_ELEMENT } from "../../graph/tensor.ts";
import type { Instruction } from "../../ops/instruction.ts";
import { KERNELS } from "../../ops/kernel_files.ts";
import { kernelsOf } from "../../ops/kernels.ts";
import type { Estimate } from "../device.ts";
import { roundUp } from "./memory.ts";

/** An instruction of a program and the node that it computes a part of. */
export interface Step extends Instruction {
  readonly node: Node;
}

/** The instructions of a plan in order, and the memory that they need beside its slots. */
export interface Lowered {
  readonly steps: readonly Step[];
  /** Words of all parameters. */
  readonly parameterWords: number;
  /** Scratch memory that all threads share. */
  readonly sharedBytes: number;
  /** Scratch memory of each thread. */
  readonly threadBytes: number;
}

/** Words of an instruction on the tape: kernel, units and the address of its parameters. */
export const TAPE_WORDS = 3;

const numbers = new Map(KERNELS.map((name, i) => [name, i]));

/** Asks each op for its instructions. */
export function lower(plan: Plan): Lowered {
  const steps = plan.order.flatMap((node) => kernelsOf(node, "cpu")(node).map((step) => ({ ...step, node })));
  const most = (bytes: (step: Step) => number | undefined) =>
    roundUp(steps.reduce((most, step) => Math.max(most, bytes(step) ?? 0), 0));
  return {
    steps,
    parameterWords: steps.reduce((sum, step) => sum + countWords(step), 0),
    sharedBytes: most((step) => step.sharedBytes),
    threadBytes: most((step) => step.threadBytes),
  };
}

/** Words of an instruction's parameters: the address of the shared scratch memory, those of the operands, the rest. */
function countWords({ operands, words }: Instruction): number {
  return 1 + operands.length + words.length;
}

/** Where the parts of a program's memory begin, in bytes from its start. */
export interface Layout {
  readonly slots: readonly number[];
  readonly tape: number;
  readonly parameters: number;
  readonly shared: number;
  readonly threads: number;
  readonly bytes: number;
}

/** Lays out the memory of a program. */
export function layOut(plan: Plan, lowered: Lowered, threads: number): Layout {
  let at = 0;
  const place = (bytes: number) => {
    const start = at;
    at += roundUp(bytes);
    return start;
  };
  const slots = plan.slots.map(place);
  const tape = place(lowered.steps.length * TAPE_WORDS * 4);
  const parameters = place(lowered.parameterWords * 4);
  const shared = place(lowered.sharedBytes);
  return { slots, tape, parameters, shared, threads: place(lowered.threadBytes * threads), bytes: at };
}

/**
 * Writes a program's tape and parameters.
 *
 * @param addressOf Returns where a tensor's base begins.
 * @param base Where the program's memory begins.
 */
export function writeTape(
  { steps, parameterWords }: Lowered,
  layout: Layout,
  base: number,
  addressOf: (step: Step, operand: number) => number,
): { tape: Uint32Array; parameters: Uint32Array } {
  const tape = new Uint32Array(steps.length * TAPE_WORDS);
  const parameters = new Uint32Array(parameterWords);
  let used = 0;
  steps.forEach((step, i) => {
    tape.set([numbers.get(step.kernel)!, step.units, base + layout.parameters + used * 4], i * TAPE_WORDS);
    const addresses = step.operands.map((_, j) => addressOf(step, j));
    parameters.set([base + layout.shared, ...addresses, ...step.words], used);
    used += countWords(step);
  });
  return { tape, parameters };
}

/** Says what a plan will need once it is compiled. */
export function estimate(plan: Plan, threads: number): Estimate {
  const lowered = lower(plan);
  return {
    programBytes: layOut(plan, lowered, threads).bytes,
    persistentBytes: plan.persistentBytes,
    largestBindingBytes: lowered.steps.reduce(
      (most, { operands }) => operands.reduce((most, { size }) => Math.max(most, size * BYTES_PER_ELEMENT), most),
      0,
    ),
    launches: lowered.steps.length,
  };
}
