/**
 * The report of a run, from the files in its directory alone.
 *
 * @module
 */

import { writeAtomically } from "../io/atomic.ts";
import { PipelineDirectory } from "../io/pipeline_directory.ts";
import { renderPage } from "../report/page.ts";
import { describeRun } from "./report_sections.ts";
import { readRunFiles } from "./run_files.ts";

/**
 * Writes the report of a run.
 *
 * @param out The file. @default {"report.html" in the run's directory}
 * @returns The path of the page.
 * @throws {FileError} If there is no run, one of its files is damaged, or the page cannot be written.
 */
export async function writeReport(path: string, out?: string): Promise<string> {
  const files = await readRunFiles(path);
  const report = out ?? new PipelineDirectory(files.path).report;
  await writeAtomically(report, renderPage(describeRun(files)));
  return report;
}
