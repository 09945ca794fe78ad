/**
 * What a student costs, stage by stage.
 *
 * @module
 */

import type { PipelineDirectory } from "../io/pipeline_directory.ts";
import { formatPercent } from "../units.ts";

/** What one part of the work took. */
export interface CostEntry {
  /** What it was spent on. */
  readonly name: string;
  /** Floating-point operations. */
  readonly flops: number;
  /** Wall-clock time in seconds; the teacher's passes are part of their training's. */
  readonly seconds?: number;
}

/** What the stages before training took, as `costs.json` holds it. */
export interface StageCosts {
  /** The teacher's turn to its principal axes, and the scores that its heads and neurons are sorted by. */
  readonly axes?: { readonly flops: number; readonly seconds: number };
  /** Candidates judged, and what that took; the teacher's passes that score importance and that a judge compares with. */
  readonly search?: {
    readonly evaluations: number;
    readonly flops: number;
    readonly preparation: number;
    readonly seconds: number;
  };
  /** The repair of what was inherited, and the scoring of importance where there was no search. */
  readonly inherit?: { readonly scoring: number; readonly flops: number; readonly seconds: number };
}

/** Reads what earlier calls have counted. */
export async function readCosts(directory: PipelineDirectory): Promise<StageCosts> {
  return (await directory.read(directory.costs) ?? {}) as StageCosts;
}

/**
 * Keeps what a stage took, in the place of what it had taken when it was not finished. The folder that tells that a stage
 * is done comes after this, or a kill between the two would lose what it took.
 */
export async function keepCosts(directory: PipelineDirectory, more: StageCosts): Promise<void> {
  await directory.write(directory.costs, { ...await readCosts(directory), ...more });
}

/** What training took. */
export interface TrainingCosts {
  /** Of the student's own passes. */
  readonly student: number;
  /** Of the teacher's passes; 0 without a teacher. */
  readonly teacher: number;
  readonly seconds: number;
}

/** Lists all costs, those that are nothing left out. */
export function costsOf(
  { axes, search, inherit }: StageCosts,
  { student, teacher, seconds }: TrainingCosts,
): CostEntry[] {
  return [
    ...(axes ? [{ name: "axes: the teacher turned and sorted", ...axes }] : []),
    ...(search
      ? [
        { name: `search: ${search.evaluations} students judged`, flops: search.flops, seconds: search.seconds },
        ...(search.preparation > 0 ? [{ name: "search: the teacher's passes", flops: search.preparation }] : []),
      ]
      : []),
    ...(inherit?.scoring ? [{ name: "inheritance: importance scored", flops: inherit.scoring }] : []),
    ...(inherit ? [{ name: "inheritance: weights repaired", flops: inherit.flops, seconds: inherit.seconds }] : []),
    { name: "training: the student's passes", flops: student, seconds },
    ...(teacher > 0 ? [{ name: "training: the teacher's passes", flops: teacher }] : []),
  ];
}

/** Adds up what was spent before training. */
export function startFlops(stages: StageCosts): number {
  return totalOf(costsOf(stages, { student: 0, teacher: 0, seconds: 0 })).flops;
}

/** Adds costs up. */
export function totalOf(costs: readonly CostEntry[]): { readonly flops: number; readonly seconds: number } {
  const sum = (value: (cost: CostEntry) => number) => costs.reduce((total, cost) => total + value(cost), 0);
  return { flops: sum(({ flops }) => flops), seconds: sum(({ seconds = 0 }) => seconds) };
}

/** Says in one line what all of it cost, and what shares of it. */
export function describeCosts(costs: readonly CostEntry[]): string {
  const { flops } = totalOf(costs);
  const shares = costs.map((cost) => `${formatPercent(cost.flops / flops)} ${cost.name}`);
  return `${flops.toExponential(2)} FLOPs (${shares.join(", ")})`;
}
