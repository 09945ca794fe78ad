/**
 * Repeating what was packed.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { shortHash } from "../data/hash.ts";
import { type DeviceKind, openDevice } from "../devices/mod.ts";
import { writeNewFolder } from "../io/archive.ts";
import { readInput } from "../io/input_files.ts";
import { machineOptions } from "../io/machine.ts";
import { PipelineDirectory } from "../io/pipeline_directory.ts";
import { readProject } from "../io/project.ts";
import { type LogRow, readLog } from "../io/run_log.ts";
import { SearchDirectory } from "../io/search_directory.ts";
import { shipped } from "../io/shipped.ts";
import type { PipelineOptions } from "../pipeline/config_schema.ts";
import { pipeline, type PipelineRecord } from "../pipeline/pipeline.ts";
import type { Listeners } from "../train/run.ts";
import { type Agreement, compareMeasured, type Measured, type SearchedRow } from "./comparison.ts";
import { differencesBetween, type EnvironmentDifference } from "./environment.ts";
import { repeatNotebook } from "./notebook.ts";
import type { PackedInput, PackManifest } from "./manifest.ts";
import { jsonOf, type OpenPackage, openPackage, rowsOf } from "./open_package.ts";
import { weightsOf } from "./share.ts";

/** Where in the folder the package is unpacked, and where it is repeated. */
const PACKED = "packed", RERUN = "rerun";

/** How a package is repeated. */
export interface RerunOptions extends Listeners {
  /** The folder to work in, a new or an empty one: `packed` in it is the package, `rerun` the run. */
  readonly out: string;
  /** What computes. @default the kind of device that the package was computed on */
  readonly device?: DeviceKind | undefined;
  /** Threads of the CPU device; results do not depend on them. @default one for each core */
  readonly threads?: number | undefined;
  /** Repeats it although the lock file is another one. @default {false} */
  readonly force?: boolean | undefined;
  /** How far two numbers may be apart, as a share of the larger one. @default {1e-3} */
  readonly tolerance?: number | undefined;
  /** Where inputs are that were too large to pack, by the config's field. */
  readonly inputs?: { readonly [K in PackedInput["field"]]?: string | undefined } | undefined;
  /** Executes a notebook in small. @default as it is meant, if it holds results of that */
  readonly quick?: boolean | undefined;
  /** Ends the run after the step under way; nothing is compared then. */
  readonly signal?: AbortSignal | undefined;
}

/** What is reported while a package is repeated. */
export type RerunRecord =
  | {
    readonly stage: "open";
    readonly manifest: PackManifest;
    readonly differences: readonly EnvironmentDifference[];
  }
  | { readonly stage: "run"; readonly record: PipelineRecord }
  | { readonly stage: "compare"; readonly agreements: readonly Agreement[] };

/**
 * Checks a package, repeats its run in a new directory with the packed config, and compares all numbers. A notebook is
 * executed with Deno's kernel in the project's `notebooks` folder, and the results that it declares are compared.
 *
 * @param archive What `share` returned.
 * @param path Where it came from, for errors.
 * @throws {FileError} If the package is damaged or unsafe, or a file cannot be read or written.
 * @throws {RangeError} If the lock file is another one and `force` is not given.
 * @throws {UsageError} If an input is not here or has changed.
 */
export async function* rerun(
  archive: Uint8Array<ArrayBuffer>,
  path: string,
  options: RerunOptions,
): AsyncGenerator<RerunRecord> {
  const opened = await openPackage(archive, path);
  const { manifest } = opened;
  const device = options.device ?? manifest.environment.device?.kind ?? "auto";
  const differences = differencesBetween(manifest.environment, {
    ...await readProject(),
    ...(manifest.environment.device && { device: await deviceNow(device, options.threads) }),
  });
  yield { stage: "open", manifest, differences };
  const refused = differences.find((each) => each.refused);
  if (refused && !options.force) {
    throw new RangeError(`Cannot repeat '${path}': ${refused.text}; check out that version, or insist with --force`);
  }
  const { out, tolerance, signal } = options;
  await writeNewFolder(out, [...opened.files.values()].map((file) => ({ ...file, path: `${PACKED}/${file.path}` })));
  if (manifest.kind === "notebook") {
    return yield { stage: "compare", agreements: await repeatNotebook(`${out}/${PACKED}`, `${out}/${RERUN}`, options) };
  }
  const config = await configFor(opened, path, { ...options, device });
  for await (const record of pipeline(config, options)) yield { stage: "run", record };
  if (signal?.aborted) return;
  const measured = await measuredIn(`${out}/${RERUN}`);
  yield { stage: "compare", agreements: compareMeasured(measuredOf(opened), measured, tolerance) };
}

async function deviceNow(kind: DeviceKind, threads?: number) {
  using device = await openDevice(kind, machineOptions(threads));
  return { kind: device.kind, name: device.name };
}

/** The packed config, with the places that things have here. */
async function configFor(
  opened: OpenPackage,
  path: string,
  { out, device, threads, inputs = {} }: RerunOptions,
): Promise<PipelineOptions> {
  const { manifest } = opened;
  const config = jsonOf(opened, `run/${manifest.kind === "run" ? "config" : "pipeline"}.json`) as PipelineOptions;
  const places: { [K in PackedInput["field"]]?: string } = {};
  for (const input of manifest.inputs) {
    places[input.field] = await placeOf(input, path, out, inputs[input.field]);
  }
  if (config.cutFrom === config.teacher && places.teacher !== undefined) places.cutFrom = places.teacher;
  return { ...config, ...places, out, name: RERUN, device, threads: threads ?? 0, resume: "" };
}

/** Finds an input and makes sure that it is the same. */
async function placeOf(
  { field, given, kind, place, sha256, bytes }: PackedInput,
  path: string,
  out: string,
  own: string | undefined,
): Promise<string> {
  const found = own ??
    (kind === "packed" ? `${out}/${PACKED}/${place}` : kind === "shipped" ? await shipped(place!) : undefined);
  const rule = `--${field} must name a copy of '${given}' (${shortHash(sha256)}, ${bytes} bytes)`;
  if (found === undefined) throw new UsageError(`Cannot repeat '${path}': ${rule}, which was not packed, found none`);
  const now = (await readInput(field, found)).sha256;
  if (now === sha256) return found;
  throw new UsageError(`Cannot repeat '${path}': ${rule}, found ${shortHash(now)} in '${found}'`);
}

/** The numbers of a package. */
function measuredOf(opened: OpenPackage): Measured {
  const result = jsonOf(opened, "run/result.json");
  const search = rowsOf<SearchedRow>(opened, "run/search/search.jsonl");
  return {
    rows: rowsOf<LogRow>(opened, "run/log.jsonl"),
    search,
    result: { result },
    weights: opened.manifest.weights,
  };
}

/** The numbers of a run. */
async function measuredIn(run: string): Promise<Measured> {
  const directory = new PipelineDirectory(run);
  const result = await directory.read(directory.result);
  const search = await new SearchDirectory(directory.search).readRows<SearchedRow>();
  return { rows: await readLog(`${run}/log.jsonl`), search, result: { result }, weights: await weightsOf(run) };
}
