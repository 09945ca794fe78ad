/**
 * What notebooks need besides the library itself.
 *
 * @example Declare a result that `deno task notebook:check` compares with what the notebook holds
 * ```ts
 * import { expect, quick } from "./notebook.ts";
 *
 * expect("parameters", quick ? 1_204 : 1_350_912);
 * ```
 *
 * @module
 */

// Results that a notebook stands for, and whether it runs in small
export { expect } from "./lib/io/jupyter/expect.ts";
export { quick } from "./lib/io/jupyter/quick.ts";

// Charts: functions from plain rows to an SVG document
export { type ChartOptions, type ChartRow, lossChart, type ReferenceLine } from "./lib/report/loss_chart.ts";
export { type RunAxis, type RunCurve, type RunRow, runsChart, type RunsChartOptions } from "./lib/report/runs_chart.ts";
export {
  type Multiplier,
  type StudyChartBudget,
  type StudyChartSummary,
  studyLossChart,
  studyMatchChart,
} from "./lib/report/study_chart.ts";
export { type ArmBudget, type ArmComparison, type ArmOutcome, compareArms } from "./lib/study/compare.ts";
export { drawnArms } from "./lib/study/drawn.ts";
export { searchChart, type SearchChartOptions, type SearchChartRow } from "./lib/report/search_chart.ts";
export {
  generationsChart,
  type GenerationsChartOptions,
  type GenerationsChartRow,
} from "./lib/report/generations_chart.ts";
export type { FitnessName } from "./lib/search/sub_network_config.ts";
export { type FrontCost, type FrontRow, paretoChart, type ParetoChartOptions } from "./lib/report/pareto_chart.ts";
export {
  genotypeChart,
  type GenotypeChartOptions,
  type MappedSubNetwork,
  type MappedTeacher,
} from "./lib/report/genotype_chart.ts";
export { importanceChart, type ImportanceChartOptions } from "./lib/report/importance_chart.ts";
export { barsChart, type BarsChartOptions, type BarSeries } from "./lib/report/bars_chart.ts";
export { profileChart, type ProfileChartOptions } from "./lib/report/profile_chart.ts";
export type { FrameOptions } from "./lib/report/chart.ts";
export { measurePeak, type Peak } from "./lib/devices/peak.ts";
export { writeReports } from "./lib/compare/report.ts";

// Sharing a run, and repeating what others shared; for tensors in TensorFlow.js import "@offshoot/offshoot/tensorflow"
export { type Package, share, type ShareOptions } from "./lib/share/share.ts";
export { rerun, type RerunOptions, type RerunRecord } from "./lib/share/rerun.ts";
export { type Agreement, agrees, describeComparison, type Verdict } from "./lib/share/comparison.ts";
export type { EnvironmentDifference } from "./lib/share/environment.ts";
export type { Environment, EnvironmentDevice, PackedFile, PackedInput, PackManifest } from "./lib/share/manifest.ts";

// Results that show themselves, and runs that are watched while they go on
export { show, type Showable, Shown } from "./lib/notebook/show/mod.ts";
export type { ShowOptions } from "./lib/notebook/show/view.ts";
export type { TensorValues } from "./lib/notebook/show/tensor.ts";
export { Table, table, type TableBundle, type TableRow } from "./lib/notebook/table.ts";
export { watch } from "./lib/io/jupyter/watch.ts";
export { EndedRun, LiveRun, type RunState, type Start, type WatchOptions } from "./lib/notebook/live/live.ts";
export { bundleOf, type Displayable, jupyterDisplay, type MimeBundle, type Picture } from "./lib/report/display.ts";
export { pngOf, type PngOptions } from "./lib/report/png.ts";

// Devices, adapters, models, searches and stores show themselves from here on
import { installDisplays } from "./lib/notebook/show/install.ts";
installDisplays();
