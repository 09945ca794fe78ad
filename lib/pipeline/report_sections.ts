/**
 * What the report of a run says.
 *
 * @module
 */

import { formatDuration } from "../cli/progress.ts";
import { lossChart } from "../report/loss_chart.ts";
import type { Page, Part, Section } from "../report/page.ts";
import { storedFitness } from "../search/fitness_words.ts";
import { describeSubNetwork } from "../subnet/describe.ts";
import { formatCount, formatPercent } from "../units.ts";
import { totalOf } from "./costs.ts";
import type { RunFiles } from "./run_files.ts";
import { describeReference, type Result, type Score, SOURCE } from "./result.ts";
import { mapPart, searchParts } from "./search_parts.ts";
import { settingsOf } from "./settings.ts";

/** Describes a run as a page. */
export function describeRun(files: RunFiles): Page {
  const { path, result } = files;
  return {
    title: `Run ${path.split("/").at(-1)}`,
    summary: summarise(files),
    sections: [
      ...lossSection(files),
      ...(result ? [scoreSection(result)] : []),
      ...searchSection(files),
      ...(result ? [costSection(result)] : []),
      ...settingsSections(files),
      ...(result && result.samples.length > 0 ? [sampleSection(result)] : []),
    ],
  };
}

function summarise({ config, pipeline, device, rows, result }: RunFiles): string {
  const last = rows.at(-1);
  if (!result) return `Training is under way: ${formatCount(last?.tokens ?? 0)} tokens so far, on ${device}.`;
  const { student, tokens, source, teacher, baselines, costs } = result;
  const { flops, seconds } = totalOf(costs);
  const origin = pipeline
    ? describeOrigin(pipeline)
    : config.teacher === "none"
    ? `trained from ${config.init === "random" ? "random weights" : config.init}`
    : `trained with the teacher in ${config.teacher}`;
  const model = (name: string, score: Score | undefined) =>
    score ? [`${name}, of ${formatCount(score.parameters!)} parameters, ${score.bitsPerByte.toFixed(3)}`] : [];
  const beside = [
    ...model(SOURCE, source),
    ...model("its teacher", teacher),
    `a bigram model ${baselines.bigram.bitsPerByte.toFixed(3)}`,
  ];
  return `A model of ${formatCount(student.parameters!)} parameters, ${origin} on ${formatCount(tokens)} tokens of ` +
    `${config.corpus}, reaches ${student.bitsPerByte.toFixed(3)} bits per byte on held-out text (${
      student.loss.toFixed(3)
    } nats a token, perplexity ${student.perplexity.toFixed(1)}); ${beside.join(", ")}. All of it took ` +
    `${flops.toExponential(2)} FLOPs and ${formatDuration(seconds)} minutes on ${device}.`;
}

function describeOrigin({ teacher, cutFrom = teacher }: Readonly<Record<string, unknown>>): string {
  if (teacher === cutFrom) return `cut out of the teacher in ${teacher} and trained with it`;
  const lessons = teacher === "none" ? "trained without a teacher" : `trained with the teacher in ${teacher}`;
  return `cut out of ${cutFrom} and ${lessons}`;
}

function lossSection({ rows, result }: RunFiles): Section[] {
  if (!rows.some(({ val_bpb }) => val_bpb !== undefined)) return [];
  const references = [
    ...(result?.reference ? [{ name: `${result.reference.arm} start, same tokens`, loss: result.reference.loss }] : []),
    ...(result?.source ? [{ name: SOURCE, loss: result.source.loss }] : []),
    ...(result?.teacher ? [{ name: "teacher", loss: result.teacher.loss }] : []),
  ];
  const svg = lossChart(rows, { title: "Loss in training", references, inline: true });
  const label = "Training and validation loss in bits per byte against training tokens";
  const note = result?.reference ? [{ kind: "text" as const, text: `${describeReference(result.reference)}.` }] : [];
  return [{ heading: "Loss", parts: [{ kind: "chart", svg, label }, ...note] }];
}

function scoreSection({ student, inherited, source, teacher, baselines, heldOut }: Result): Section {
  type Line = Omit<Score, "perplexity">;
  const line = (name: string, { loss, bitsPerByte, parameters }: Line) => [
    name,
    parameters === undefined ? "" : formatCount(parameters),
    loss.toFixed(4),
    Math.exp(loss).toFixed(2),
    bitsPerByte.toFixed(4),
  ];
  const rows = [
    line("token frequencies", baselines.unigram),
    line("bigrams, interpolated", baselines.bigram),
    ...(inherited ? [line("the student before training", inherited)] : []),
    line("the student", student),
    ...(source ? [line(SOURCE, source)] : []),
    ...(teacher ? [line("the teacher", teacher)] : []),
  ];
  const titles = ["model", "parameters", "nats a token", "perplexity", "bits per byte"];
  const text = `On ${formatCount(heldOut)} held-out tokens.`;
  return { heading: "What was reached", parts: [{ kind: "text", text }, { kind: "table", titles, rows }] };
}

function searchSection({ search, subNetwork, teacher, pipeline = {} }: RunFiles): Section[] {
  if (!subNetwork && search.length === 0) return [];
  const kept: Part[] = subNetwork ? [{ kind: "text", text: `Kept: ${describeSubNetwork(subNetwork)}.` }] : [];
  const map = subNetwork && teacher ? [mapPart([{ label: "the student", subNetwork }], teacher)] : [];
  return [{
    heading: "The sub-network",
    parts: [...kept, ...map, ...searchParts(search, { fitness: storedFitness(pipeline) })],
  }];
}

function costSection({ costs }: Result): Section {
  const total = totalOf(costs);
  const time = (seconds: number | undefined) => seconds === undefined ? "" : formatDuration(seconds);
  const line = (name: string, flops: number, seconds: number | undefined) => [
    name,
    flops.toExponential(3),
    formatPercent(flops / total.flops),
    time(seconds),
  ];
  const rows = [
    ...costs.map(({ name, flops, seconds }) => line(name, flops, seconds)),
    line("total", total.flops, total.seconds),
  ];
  const text = "Time in minutes; that of a teacher's passes is part of the training's. Measuring is not counted: the " +
    "validations, and the last evaluation.";
  return {
    heading: "Cost",
    parts: [{ kind: "table", titles: ["what", "FLOPs", "share", "time"], rows }, { kind: "text", text }],
  };
}

function settingsSections({ config, pipeline }: RunFiles): Section[] {
  const { changed, all } = settingsOf(config, pipeline);
  const differing: Part = changed.length > 0
    ? { kind: "table", titles: ["setting", "value", "default"], rows: changed }
    : { kind: "text", text: "All settings are at their defaults." };
  return [
    { heading: "Settings that differ from the defaults", parts: [differing] },
    { heading: "All settings", folded: true, parts: [{ kind: "table", titles: ["setting", "value"], rows: all }] },
  ];
}

function sampleSection({ samples }: Result): Section {
  const parts = samples.map(({ model, prompt, text }): Part => ({
    kind: "quote",
    who: `The ${model} continues`,
    prompt,
    text,
  }));
  return { heading: "Samples", parts };
}
