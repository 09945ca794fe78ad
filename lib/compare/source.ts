/**
 * What lies in a directory that a report can show: a run, a search or a study.
 *
 * @module
 */

import { FileError } from "../io/file_error.ts";
import { exists, namesIn } from "../io/files.ts";
import { readJson } from "../io/json.ts";
import { RunDirectory } from "../io/run_directory.ts";
import { SearchDirectory } from "../io/search_directory.ts";
import { StudyDirectory } from "../io/study_directory.ts";
import { readRunFiles, type RunFiles } from "../pipeline/run_files.ts";
import type { StoredSearch } from "../pipeline/stored_search.ts";
import { readTeacherSizes } from "../pipeline/teacher_sizes.ts";
import type { MappedSubNetwork } from "../report/genotype_chart.ts";
import type { SubNetworkRow } from "../search/sub_network_row.ts";
import type { StudentRecord } from "../study/student.ts";
import { readStudy } from "../study/study.ts";
import { type StudySummary, summarise } from "../study/summary.ts";
import type { Dimensions } from "../subnet/dimensions.ts";

/** What all directories have. */
interface Common {
  /** The directory. */
  readonly path: string;
  /** What it is called on the page. */
  readonly label: string;
  /** Sizes of its teacher, where there is one and its folder is still there. */
  readonly teacher?: Dimensions | undefined;
}

/** A training run, with all that led to it. */
export interface RunSource extends Common {
  readonly kind: "run";
  readonly files: RunFiles;
}

/** A search on its own. */
export interface SearchSource extends Common {
  readonly kind: "search";
  readonly settings: Readonly<Record<string, unknown>>;
  readonly rows: readonly SubNetworkRow[];
}

/** A study. */
export interface StudySource extends Common {
  readonly kind: "study";
  readonly settings: Readonly<Record<string, unknown>>;
  /** What it came to so far. */
  readonly summary: StudySummary;
  /** Its students that were cut out of the teacher. */
  readonly students: readonly MappedSubNetwork[];
}

/** What a directory holds. */
export type Source = RunSource | SearchSource | StudySource;

/**
 * Reads a directory.
 *
 * @throws {FileError} If it is none of a run, a search and a study, or one of its files is damaged.
 * @throws {RangeError} If it is a study whose reference has no result yet.
 */
export async function readSource(path: string, label: string): Promise<Source> {
  const study = new StudyDirectory(path), search = new SearchDirectory(path);
  if (await exists(study.config)) return await readStudySource(study, label);
  if (await exists(search.rows)) return await readSearchSource(search, label);
  if (!await exists(search.config)) {
    throw new FileError(
      "read",
      path,
      "it must be the directory of a run, a search or a study, found neither config.json nor study.json in it; " +
        "check the path",
    );
  }
  const { path: directory } = await RunDirectory.open(path);
  const files = await readRunFiles(directory);
  return { kind: "run", path: directory, label, files, teacher: files.teacher };
}

async function readSearchSource(search: SearchDirectory, label: string): Promise<SearchSource> {
  const { settings } = await search.readConfig() as StoredSearch;
  return {
    ...{ kind: "search", path: search.path, label, settings, rows: await search.readRows<SubNetworkRow>() },
    teacher: await readTeacherSizes([String(settings.teacher)]),
  };
}

async function readStudySource(study: StudyDirectory, label: string): Promise<StudySource> {
  const { stored: { settings, ...frame }, results } = (await readStudy(study.path))!;
  const names = await exists(study.students) ? (await namesIn(study.students)).sort() : [];
  const students: MappedSubNetwork[] = [];
  for (const name of names) {
    const record = `${study.students}/${name}/start.json`;
    if (!await exists(record)) continue;
    const { subNetwork } = await readJson(record) as StudentRecord;
    if (subNetwork) students.push({ label: name, subNetwork });
  }
  return {
    ...{ kind: "study", path: study.path, label, settings, summary: summarise(frame, results), students },
    teacher: await readTeacherSizes([String(settings.teacher)]),
  };
}
