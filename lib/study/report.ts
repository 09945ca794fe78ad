/**
 * What a study leaves to be read: its summary and its charts.
 *
 * @module
 */

import { writeAtomically } from "../io/atomic.ts";
import { jsonText } from "../io/json.ts";
import { StudyDirectory } from "../io/study_directory.ts";
import { studyLossChart, studyMatchChart } from "../report/study_chart.ts";
import { nameOf, REFERENCE } from "./arms.ts";
import { drawnArms, overviewArms } from "./drawn.ts";
import { readStudy } from "./study.ts";
import { type StudySummary, summarise } from "./summary.ts";
import { studyMarkdown } from "./tables.ts";

/**
 * Sums up what there is of a study, of this call and of earlier ones, and writes the summary, its tables and
 * the charts.
 *
 * @returns Nothing where there is no study, or its reference has no result yet.
 * @throws {FileError} If a file cannot be read or written.
 */
export async function reportStudy(path: string): Promise<StudySummary | undefined> {
  const directory = new StudyDirectory(path);
  if (!await directory.readConfig()) return undefined;
  using _lock = await directory.lockPart("report");
  const read = await readStudy(path);
  if (!read?.results.some(({ arm }) => arm === nameOf(REFERENCE))) return undefined;
  const { stored: { settings, corpus, teacher_parameters, teacher_loss }, results } = read;
  const summary = { ...summarise({ corpus, teacher_parameters, teacher_loss }, results), settings };
  await writeAtomically(directory.summary, jsonText(summary));
  await writeAtomically(directory.tables, studyMarkdown(summary));
  const drawn = drawnArms(summary);
  await writeAtomically(directory.charts.overview, studyLossChart(overviewArms(summary)));
  await writeAtomically(directory.charts.loss, studyLossChart(drawn));
  if (Object.keys(summary.arms).length > 1) {
    await writeAtomically(directory.charts.tokens, studyMatchChart(drawn, "tokens"));
    await writeAtomically(directory.charts.flops, studyMatchChart(drawn, "flops"));
  }
  return summary;
}
