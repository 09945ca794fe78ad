/**
 * Reports of any runs, searches and studies, from the files in their directories alone.
 *
 * @module
 */

import { writeAtomically } from "../io/atomic.ts";
import { writeReport } from "../pipeline/report.ts";
import { renderPage } from "../report/page.ts";
import { labelsOf } from "./labels.ts";
import { describeSources } from "./page.ts";
import { readSource, type Source } from "./source.ts";

/**
 * Writes the report of runs, searches and studies as one HTML page that needs nothing else. One run has a report of its
 * own, which says more of it.
 *
 * @param paths Their directories.
 * @param out The file. @default {"report.html" in the directory where there is one, else "comparison.html" here}
 * @returns The path of the page.
 * @throws {RangeError} If there is no directory, or a study whose reference has no result yet.
 * @throws {FileError} If a directory holds none of them, a file is damaged, or the page cannot be written.
 */
export async function writeReports(paths: readonly string[], out?: string): Promise<string> {
  if (paths.length === 0) {
    throw new RangeError("Cannot write a report: there must be at least one directory, found none");
  }
  const whole = paths.map((path) => path.replace(/(?<=.)\/+$/, ""));
  const labels = labelsOf(whole);
  const sources: Source[] = [];
  for (const [i, path] of whole.entries()) sources.push(await readSource(path, labels[i]!));
  const [only] = sources;
  const single = sources.length === 1 ? only! : undefined;
  if (single?.kind === "run") return await writeReport(single.path, out);
  const target = out ?? (single ? `${single.path}/report.html` : "comparison.html");
  await writeAtomically(target, renderPage(describeSources(sources)));
  return target;
}
