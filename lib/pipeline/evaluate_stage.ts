/**
 * The stage that says what a student has reached, beside its teacher, what it was cut out of, and on the same text.
 *
 * @module
 */

import type { TrainingData } from "../train/data.ts";
import { Evaluator } from "../evaluate/loss.ts";
import type { PipelineDirectory } from "../io/pipeline_directory.ts";
import { loadModel } from "../io/model_folder.ts";
import { readLog } from "../io/run_log.ts";
import { trainingFlopsPerToken } from "../model/flops.ts";
import { generateText } from "../model/generate_text.ts";
import type { Model } from "../model/model.ts";
import { countParameters } from "../model/parameters.ts";
import type { TrainRow } from "../train/records.ts";
import type { PipelineConfig } from "./config.ts";
import { costsOf, readCosts, type TrainingCosts } from "./costs.ts";
import { findReference } from "./reference.ts";
import type { Result, Sample, Score } from "./result.ts";
import { teacherOf } from "./source.ts";
import { openTeacher } from "./teacher.ts";

/** Sequences of a pass. */
const BATCH = 8;

/**
 * Measures a trained student, what it was cut out of and its teacher on the whole held-out text, lets student and teacher
 * write a sample, and keeps the result.
 *
 * @param notice Told what is being prepared, a line at a time.
 */
export async function evaluateStage(
  directory: PipelineDirectory,
  config: PipelineConfig,
  notice: (line: string) => void,
): Promise<Result> {
  using opened = await openTeacher(config, notice);
  const { device, model: source, data } = opened;
  using student = await loadModel(`${directory.path}/final`, device);
  using inherited = await loadModel(directory.inherited, device);
  const teacher = await teacherOf(config, source);
  using _ = teacher === source ? undefined : teacher;
  const { sequence } = config;
  const scoreOf = async (model: Model) => (await score(model, data, sequence)).score;
  const measured = await score(student, data, sequence);
  const last = (await readLog(`${directory.path}/log.jsonl`)).at(-1) as unknown as TrainRow;
  const result: Result = {
    tokens: last.tokens,
    heldOut: measured.tokens,
    student: measured.score,
    inherited: await scoreOf(inherited),
    ...(teacher !== source && { source: await scoreOf(source) }),
    ...(teacher && { teacher: await scoreOf(teacher) }),
    ...baselinesOf(data),
    ...await referenceOf(config, last.tokens, student, source),
    costs: costsOf(await readCosts(directory), trainingCosts(last, student, sequence)),
    samples: config.sampleTokens > 0
      ? [await sample("student", student), ...(teacher ? [await sample("teacher", teacher)] : [])]
      : [],
  };
  await directory.write(directory.result, result);
  return result;

  async function sample(name: Sample["model"], model: Model): Promise<Sample> {
    const { samplePrompt: prompt, sampleTokens: tokens, seed } = config;
    return { model: name, prompt, text: await generateText(model, data.tokenizer, prompt, { tokens, seed }) };
  }
}

/** Splits the FLOPs of a run's last row into those of the student and those of its teacher. */
export function trainingCosts({ tokens, flops, elapsed_s }: TrainRow, { config }: Model, sequence: number) {
  const student = tokens * trainingFlopsPerToken(config, sequence);
  return { student, teacher: flops - student, seconds: elapsed_s } satisfies TrainingCosts;
}

/** Returns what models of frequencies reach. */
export function baselinesOf({ baselines }: TrainingData): Pick<Result, "baselines"> {
  const of = ({ nats: loss, bitsPerByte }: { readonly nats: number; readonly bitsPerByte: number }) => ({
    loss,
    bitsPerByte,
  });
  return { baselines: { unigram: of(baselines.unigram), bigram: of(baselines.bigram) } };
}

async function score(model: Model, { validation, bytesPerToken }: TrainingData, sequence: number) {
  using evaluator = await Evaluator.create(model, { tokens: validation, bytesPerToken, batch: BATCH, sequence });
  const { tokens, ...measured } = await evaluator.evaluate();
  const score: Score = { ...measured, parameters: countParameters(model.config) };
  return { tokens, score };
}

async function referenceOf({ corpus }: PipelineConfig, tokens: number, student: Model, source: Model) {
  const [studentParameters, teacherParameters] = [student, source].map(({ config }) => countParameters(config));
  const reference = await findReference({
    ...{ corpus, tokens, studentParameters: studentParameters!, teacherParameters: teacherParameters! },
  });
  return reference && { reference };
}
