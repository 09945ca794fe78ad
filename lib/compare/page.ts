/**
 * One page for several runs, searches and studies.
 *
 * @module
 */

import { mapPart, searchParts } from "../pipeline/search_parts.ts";
import type { MappedSubNetwork } from "../report/genotype_chart.ts";
import type { Page, Part, Section } from "../report/page.ts";
import { studyLossChart, studyMatchChart } from "../report/study_chart.ts";
import { studyColumns, studyRows } from "../report/study_table.ts";
import { storedFitness } from "../search/fitness_words.ts";
import { bestOf } from "../search/sub_network_row.ts";
import { drawnArms } from "../study/drawn.ts";
import { counted } from "../units.ts";
import { runSections } from "./runs.ts";
import type { RunSource, Source, StudySource } from "./source.ts";

/** Describes what lies in directories as one page. */
export function describeSources(sources: readonly Source[]): Page {
  const runs = sources.filter((source): source is RunSource => source.kind === "run");
  const studies = sources.filter((source): source is StudySource => source.kind === "study");
  const [only] = sources;
  return {
    title: sources.length === 1 ? `${capital(only!.kind)} ${only!.label}` : `Comparison of ${countKinds(sources)}`,
    summary: `${sources.map(({ path }) => path).join(", ")}.`,
    sections: [
      ...runSections(runs),
      ...studies.map(studySection),
      ...searchSections(sources),
      ...mapSections(sources),
    ],
  };
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

function countKinds(sources: readonly Source[]): string {
  const plural = { run: "runs", search: "searches", study: "studies" } as const;
  return [...Map.groupBy(sources, ({ kind }) => kind)].map(([kind, { length }]) => counted(length, kind, plural[kind]))
    .join(", ");
}

function studySection({ label, summary }: StudySource): Section {
  const compared = Object.keys(summary.arms).length > 1;
  const chart = (svg: string, label: string): Part => ({ kind: "chart", svg, label });
  const look = { inline: true };
  const drawn = drawnArms(summary);
  return {
    heading: `Study ${label}`,
    parts: [
      chart(studyLossChart(drawn, look), "Held-out loss of each arm against training tokens"),
      ...(compared
        ? [
          chart(studyMatchChart(drawn, "tokens", look), "How many times fewer tokens each arm needs"),
          chart(studyMatchChart(drawn, "flops", look), "How many times fewer FLOPs each arm needs"),
        ]
        : []),
      {
        kind: "table",
        titles: studyColumns.map(({ title }) => title),
        rows: studyRows(summary).map((row) => studyColumns.map(({ text }) => text(row))),
      },
    ],
  };
}

function searchSections(sources: readonly Source[]): Section[] {
  const parts = sources.flatMap((source) => {
    if (source.kind === "study") return [];
    const [rows, settings] = source.kind === "run"
      ? [source.files.search, source.files.pipeline ?? {}]
      : [source.rows, source.settings];
    return searchParts(rows, { name: sources.length > 1 ? source.label : "", fitness: storedFitness(settings) });
  });
  return parts.length > 0 ? [{ heading: "Search", parts }] : [];
}

/** Students of one shape of teacher stand on one map. */
function mapSections(sources: readonly Source[]): Section[] {
  const found = sources.flatMap((source) =>
    subNetworksOf(source).map((each) => ({ ...each, teacher: source.teacher, path: source.path }))
  );
  if (found.length === 0) return [];
  const [unknown = [], ...known] = [
    found.filter(({ teacher }) => !teacher),
    ...Map.groupBy(found.filter(({ teacher }) => teacher), ({ teacher }) => JSON.stringify(teacher)).values(),
  ];
  const missing = [...new Set(unknown.map(({ path }) => path))];
  const parts: Part[] = known.map((group) => mapPart(group, group[0]!.teacher!));
  if (missing.length > 0) {
    parts.push({
      kind: "text",
      text: `No map is drawn for ${missing.join(", ")}: the folder of the teacher is not there.`,
    });
  }
  return [{ heading: "What students keep", parts }];
}

function subNetworksOf(source: Source): readonly MappedSubNetwork[] {
  const { label } = source;
  if (source.kind === "study") return source.students;
  const subNetwork = source.kind === "run" ? source.files.subNetwork : bestOf(source.rows)?.genotype;
  return subNetwork ? [{ label: source.kind === "search" ? `${label}: best` : label, subNetwork }] : [];
}
