/**
 * The students of a study on the disk: each is made once, whatever it is taught afterwards.
 *
 * @module
 */

import type { Device } from "../devices/device.ts";
import { Evaluator } from "../evaluate/loss.ts";
import { writeAtomically } from "../io/atomic.ts";
import { exists } from "../io/files.ts";
import { jsonText, readJson } from "../io/json.ts";
import { writeModelFolder } from "../io/huggingface.ts";
import type { Model } from "../model/model.ts";
import { countParameters } from "../model/parameters.ts";
import { exported } from "../subnet/export.ts";
import type { Inheritance } from "../subnet/inheritance.ts";
import type { SubNetwork } from "../subnet/sub_network.ts";
import type { TrainingData } from "../train/data.ts";
import { isSeeded, type StartName } from "./arms.ts";
import type { StudyConfig } from "./config.ts";
import { makeStart } from "./start.ts";

/** What is known of a student before training: `start.json` beside its weights. */
export interface StudentRecord {
  readonly start: StartName;
  readonly parameters: number;
  /** Held-out loss, in nats a token. */
  readonly loss: number;
  /** FLOPs spent to find and to repair it. */
  readonly flops: number;
  /** What the search judged it by. */
  readonly fitness?: number;
  /** What it inherited. */
  readonly subNetwork?: SubNetwork;
}

/** A student on the disk. */
export interface StoredStudent {
  readonly folder: string;
  readonly record: StudentRecord;
}

/** What students are made with. */
export interface StudentOptions {
  readonly teacher: Model;
  readonly data: TrainingData;
  readonly config: StudyConfig;
}

/** Names a student; one that no seed changes is the same for all of them. */
export function studentName({ start, seed }: { readonly start: StartName; readonly seed: number }): string {
  return isSeeded(start) ? `${start}-seed${seed}` : start;
}

/**
 * Returns a student, and makes it where it is not there yet.
 *
 * @param students The folder of all students.
 * @param open Opens what students are made with; it is called only to make one.
 */
export async function studentOf(
  students: string,
  { start, seed }: { readonly start: StartName; readonly seed: number },
  open: () => Promise<StudentOptions & Disposable>,
): Promise<StoredStudent> {
  const folder = `${students}/${studentName({ start, seed })}`;
  const path = `${folder}/start.json`;
  if (!await exists(path)) {
    using options = await open();
    const { teacher, data, config } = options;
    const made = await makeStart(start, { teacher, tokens: data.train, config, seed });
    using student = made.student;
    const model = exported({ config: student.config, parameters: await student.parameters() });
    await writeModelFolder(folder, {
      ...{ ...model, tokenizerJson: teacher.tokenizerJson },
      ...(made.inheritance && { subnetJson: made.inheritance }),
    });
    const record: StudentRecord = {
      ...{ start, parameters: countParameters(student.config), loss: await heldOutLoss(student, data, config) },
      flops: made.flops,
      ...(made.fitness !== undefined && { fitness: made.fitness }),
      ...(made.inheritance && { subNetwork: kept(made.inheritance) }),
    };
    // Last, as it is the mark of a student that is whole.
    await writeAtomically(path, jsonText(record));
  }
  return { folder, record: await readJson(path) as StudentRecord };
}

function kept({ teacher: _, ...subNetwork }: Inheritance & SubNetwork): SubNetwork {
  return subNetwork;
}

/** Measures a model on the text that is held out. */
export async function heldOutLoss(
  model: Model & { readonly device: Device },
  { validation: tokens, bytesPerToken }: TrainingData,
  { batch, evalTokens: limit }: Pick<StudyConfig, "batch" | "evalTokens">,
): Promise<number> {
  const { sequence } = model.config;
  using evaluator = await Evaluator.create(model, { tokens, bytesPerToken, batch, sequence, limit });
  return (await evaluator.evaluate()).loss;
}
