/**
 * The pretraining loop.
 *
 * @module
 */

import { LogitStore } from "../distill/store/reader.ts";
import { writeCheckpoint } from "../io/checkpoint.ts";
import { forwardFlopsPerToken, trainingFlopsPerToken } from "../model/flops.ts";
import { projectionFlopsPerToken } from "../model/hidden_alignment.ts";
import { checkActivationNames } from "../model/activations.ts";
import { Clock } from "./clock.ts";
import type { PretrainOptions } from "./config.ts";
import { notFinite } from "./finite.ts";
import { Lessons } from "./lessons.ts";
import { capturedBy, type Probe } from "./probe.ts";
import { TrainingError, type TrainRow } from "./records.ts";
import { openRun, type OpenRunOptions, type Run } from "./run.ts";
import { coefficientsOf, learningRate, movingCoefficients } from "./schedule.ts";
import type { StepResult } from "./training_step.ts";
import { type TrainerState, trainerState } from "./trainer_state.ts";
import { LossWindow, type WindowState } from "./window.ts";

/** What else `pretrain` takes. */
export interface OpenOptions extends OpenRunOptions {
  /** Ends the run after the step under way, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** Captures activations at every validation. @default none, which costs nothing */
  readonly probe?: Probe | undefined;
}

/** Seconds of work that may be under way on the device: long enough to keep it busy, short enough to stop soon. */
const LEAD_SECONDS = 1;

/**
 * Pretrains a model and yields the rows of its log.
 *
 * Everything that `deno task pretrain` does happens here: corpus, tokenizer, model, training, validation, checkpoints
 * and the run directory. The rows of two runs of one config on one adapter are the same, times aside.
 *
 * @param options Fields of the config; what is not given follows from the preset.
 * @throws {UsageError} If the config contradicts itself.
 * @throws {FileError} If the corpus, a checkpoint or the run directory cannot be used.
 * @throws {TrainingError} If the loss is no longer a number.
 *
 * @example
 * ```ts ignore
 * import { pretrain } from "../../mod.ts";
 *
 * for await (const row of pretrain({ preset: "small", tokens: 50_000 })) console.log(row.step, row.loss, row.val_bpb);
 * ```
 */
export async function* pretrain(options: PretrainOptions = {}, open: OpenOptions = {}): AsyncGenerator<TrainRow> {
  using run = await openRun(options, open);
  yield* train(run, open.signal, open.probe);
}

/**
 * Trains an opened run to its end, or until the signal is aborted, and leaves a checkpoint either way.
 *
 * A consumer that breaks out of the loop ends the run at the last checkpoint instead.
 */
export async function* train(run: Run, signal?: AbortSignal, probe?: Probe): AsyncGenerator<TrainRow> {
  const { config } = run;
  const { steps, logEvery, evalEvery, checkpointEvery } = config;
  const every = (step: number, interval: number) => step === steps || (interval > 0 && step % interval === 0);
  const clock = new Clock(run.elapsed);
  const state = run.resumed?.trainer as TrainerState | undefined;
  const window = new LossWindow(state?.window);
  const lessons = run.teacher && new Lessons(state?.lessons, run.hidden !== undefined);
  let done = run.resumed?.step ?? 0;
  let saved = done;
  let last: StepResult | undefined;
  if (probe) checkActivationNames(probe.capture, run.model.config);

  const settle = async () => {
    for (const result of await run.step.drain()) {
      done++;
      if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm)) {
        const found = `${result.loss} and ${result.gradientNorm}`;
        throw diverged(run, done, `loss and gradient norm must be finite, found ${found}`, saved);
      }
      window.add(result.loss);
      lessons?.add(result);
      last = result;
    }
  };
  const save = async () => {
    const state = await checkpoint(run, done, window.state, lessons);
    const broken = notFinite(state.parameters);
    if (broken) throw diverged(run, done, `weights must be finite, found ${broken}`, saved);
    // First, so that a log that is cut back to the checkpoint when the run is resumed has all the rows up to there.
    await run.log.sync();
    await writeCheckpoint(run.directory, state, { keep: config.keep || Infinity });
    saved = done;
  };

  for (let step = done + 1; step <= steps && !signal?.aborted; step++) {
    submit(run, step);
    const logs = step === 1 || every(step, logEvery) || every(step, evalEvery);
    const saves = every(step, checkpointEvery);
    if (logs || saves || run.step.pending >= clock.lead(LEAD_SECONDS)) await settle();
    clock.steps(done);
    if (logs) {
      const validated = every(step, evalEvery) ? await run.evaluator.evaluate() : undefined;
      const row: TrainRow = {
        step,
        tokens: step * config.batch * config.sequence,
        loss: window.take(),
        ...lessons?.take(),
        ...(run.teacher && movingCoefficients(step - 1, config)),
        lr: learningRate(step - 1, steps, config),
        grad_norm: last!.gradientNorm,
        ...(validated && {
          val_loss: validated.loss,
          val_perplexity: validated.perplexity,
          val_bpb: validated.bitsPerByte,
        }),
        ...(step === 1 && baselines(run)),
        ...costsOf(run, step, lessons?.steps),
        ...clock.row(config.batch * config.sequence),
      };
      await run.log.append(row);
      if (probe && validated) await probe.captured(step, await capturedBy(probe, run));
      yield row;
    }
    if (saves) await save();
    clock.resume();
  }
  await settle();
  if (done > saved) await save();
}

function submit({ config, step, batches, teacher }: Run, number: number): void {
  const accumulation = config.batch / config.microBatch;
  const micro = Array.from({ length: accumulation }, (_, i) => batches.batch((number - 1) * accumulation + i));
  const coefficients = teacher && coefficientsOf(number - 1, config);
  step.submit(micro, learningRate(number - 1, config.steps, config), number, coefficients);
}

/**
 * The steps' forward and backward passes and, where it took part, the teacher's forward passes and a projection. Those of
 * a store were made once for each window, whose first use counts them; later epochs have them for nothing.
 */
function costsOf(
  { config, model, teacher, hidden, batches }: Run,
  steps: number,
  taught = 0,
): Pick<TrainRow, "flops" | "teacher_flops" | "store_bytes"> {
  const { batch, sequence } = config;
  const own = steps * batch * sequence * trainingFlopsPerToken(model.config, sequence);
  if (!teacher) return { flops: own };
  const { source } = teacher;
  if (!(source instanceof LogitStore)) {
    const tokens = taught * batch * sequence;
    const projected = hidden ? tokens * projectionFlopsPerToken(hidden, model.config, source.config) : 0;
    const lessons = tokens * forwardFlopsPerToken(source.config, sequence);
    return { flops: own + projected + lessons, teacher_flops: lessons };
  }
  const { bytesPerToken, teacher: { flopsPerToken } } = source.manifest;
  const used = Math.min(taught * batch, batches.windows) * sequence;
  const lessons = used * flopsPerToken;
  return { flops: own + lessons, teacher_flops: lessons, store_bytes: Math.round(used * bytesPerToken) };
}

async function checkpoint(run: Run, step: number, window: WindowState, lessons: Lessons | undefined) {
  const { model, config, teacher, subnetJson } = run;
  const projection = await run.step.projection();
  return {
    step,
    tokens: step * config.batch * config.sequence,
    config: model.config,
    parameters: await model.parameters(),
    moments: await run.step.moments(),
    ...(projection && { projection }),
    ...(subnetJson !== undefined && { subnetJson }),
    trainer: trainerState(
      config,
      run.data,
      window,
      teacher && lessons && { hash: teacher.hash, lessons: lessons.state },
    ),
    tokenizerJson: model.tokenizerJson,
  };
}

function baselines({ data }: Run) {
  const { unigram, bigram } = data.baselines;
  return {
    unigram_loss: unigram.nats,
    bigram_loss: bigram.nats,
    unigram_bpb: unigram.bitsPerByte,
    bigram_bpb: bigram.bitsPerByte,
  };
}

function diverged({ directory }: Run, step: number, flaw: string, saved: number): TrainingError {
  const kept = saved > 0 ? `the checkpoint of step ${saved} in '${directory.path}' is intact` : "nothing was saved yet";
  return new TrainingError(`Cannot go on after step ${step}: ${flaw}; ${kept}; lower --lr or raise --warmup`);
}
