/**
 * Packing a run, so that others can repeat it.
 *
 * @module
 */

import { sha256 } from "../data/hash.ts";
import { type ArchivedFile, packArchive, readArchived } from "../io/archive.ts";
import { FileError } from "../io/file_error.ts";
import { exists, namesIn, realPath } from "../io/files.ts";
import { readModelFolder } from "../io/huggingface.ts";
import { readInput } from "../io/input_files.ts";
import { readJson } from "../io/json.ts";
import { readNotebook } from "../io/jupyter/notebook_file.ts";
import { PipelineDirectory } from "../io/pipeline_directory.ts";
import { readProject } from "../io/project.ts";
import { RunDirectory } from "../io/run_directory.ts";
import { shipped } from "../io/shipped.ts";
import { hashParameters } from "../model/parameter_hash.ts";
import { inputsOf } from "./inputs.ts";
import {
  type EnvironmentDevice,
  FORMAT,
  MANIFEST,
  type PackedInput,
  type PackManifest,
  printManifest,
} from "./manifest.ts";

/** What goes into a package. */
export interface ShareOptions {
  /** Packs the model of the last checkpoint too. @default {false} */
  readonly withModel?: boolean | undefined;
  /** Bytes up to which a file or folder that the config names is packed; larger ones are named. @default {16 MiB} */
  readonly inputBytes?: number | undefined;
}

/** A package. */
export interface Package {
  /** The `.tar.gz` archive. */
  readonly archive: Uint8Array<ArrayBuffer>;
  /** What it says of itself. */
  readonly manifest: PackManifest;
}

/** A packed notebook. */
export const NOTEBOOK = "notebook.ipynb";

/** Bytes up to which an input is packed unless another limit is given. */
export const INPUT_BYTES = 16 * 2 ** 20;

/**
 * Packs a run's directory or a notebook with what it takes to repeat it: config, log, results, the hash of its weights,
 * and what is known of the project and the device. Optimizer state stays behind, and so do checkpoints but for the last
 * model with `withModel`. The same files give the same bytes.
 *
 * @param path The run's directory, or an `.ipynb` file.
 * @throws {FileError} If it is neither, or what its config names is not there.
 * @throws {RangeError} If the file is no notebook of TypeScript.
 */
export async function share(path: string, options: ShareOptions = {}): Promise<Package> {
  const { files, ...content } = path.endsWith(".ipynb") ? await notebookFiles(path) : await runFiles(path, options);
  const project = await readProject();
  const manifest: PackManifest = {
    format: FORMAT,
    ...content,
    environment: { ...project, ...content.environment },
    files: await Promise.all(files.map(async ({ path, bytes }) => (
      { path, bytes: bytes.length, sha256: await sha256(bytes) }
    ))),
  };
  const first = { path: MANIFEST, bytes: new TextEncoder().encode(await printManifest(manifest)) };
  return { archive: await packArchive([first, ...files]), manifest };
}

type Content = Omit<PackManifest, "format" | "environment" | "files"> & {
  readonly environment: { readonly device?: EnvironmentDevice };
  readonly files: readonly ArchivedFile[];
};

async function notebookFiles(path: string): Promise<Content> {
  const file = await readArchived(NOTEBOOK, path);
  await readNotebook(path); // refuses what is no notebook
  const name = path.split("/").at(-1)!.replace(/\.ipynb$/, "");
  return { kind: "notebook", name, seeds: {}, environment: {}, inputs: [], files: [file] };
}

async function runFiles(path: string, { withModel = false, inputBytes = INPUT_BYTES }: ShareOptions): Promise<Content> {
  const run = await RunDirectory.open(path);
  const pipeline = new PipelineDirectory(run.path);
  const kind = await pipeline.begun() ? "pipeline" : "run";
  const config = await readJson(kind === "run" ? run.config : pipeline.config) as Record<string, unknown>;
  const found = [
    ...[run.config, run.adapter, run.log, pipeline.config, pipeline.costs, pipeline.result],
    `${pipeline.inherited}/subnet.json`,
    ...await jsonIn(pipeline.search),
    ...(withModel ? await modelIn(run) : []),
  ];
  const files: ArchivedFile[] = [];
  for (const from of found) {
    if (await exists(from)) files.push(await readArchived(`run${from.slice(run.path.length)}`, from));
  }
  const inputs: PackedInput[] = [];
  for (const { field, given } of inputsOf(config)) {
    const { packed, input } = await packInput(field, given, inputBytes);
    inputs.push(input);
    files.push(...packed);
  }
  const seeds = Object.fromEntries(["seed", "splitSeed"].map((field) => [field, Number(config[field])]));
  const name = (await realPath(run.path)).split("/").at(-1)!;
  const weights = await weightsOf(run.path);
  const environment = { ...(await exists(run.adapter) && { device: await deviceOf(run) }) };
  return { kind, name, seeds, environment, ...(weights && { weights }), inputs, files };
}

/** The weights of a run's last checkpoint: their step and hash. */
export async function weightsOf(run: string): Promise<PackManifest["weights"]> {
  const final = `${run}/final`;
  if (!await exists(final)) return undefined;
  const { step } = await readJson(`${final}/trainer.json`) as { readonly step: number };
  return { step, sha256: await hashParameters((await readModelFolder(final)).parameters) };
}

/** The device that a run was started on. */
export async function deviceOf({ adapter }: RunDirectory): Promise<EnvironmentDevice> {
  const { kind, name } = await readJson(adapter) as EnvironmentDevice;
  return { kind, name };
}

async function packInput(field: PackedInput["field"], given: string, most: number) {
  const { path, files, bytes, sha256 } = await readInput(field, given);
  const input = { field, given, bytes, sha256 };
  const project = await shipped("fixtures");
  const own = project && `${await realPath(project)}/`;
  if (own && path.startsWith(own)) {
    const place = `fixtures/${path.slice(own.length)}`;
    return { packed: [], input: { ...input, kind: "shipped", place } satisfies PackedInput };
  }
  if (bytes > most) return { packed: [], input: { ...input, kind: "named" } satisfies PackedInput };
  const place = `inputs/${field}/${path.split("/").at(-1)}`;
  const packed: ArchivedFile[] = [];
  for (const { path, from } of files) packed.push(await readArchived(path === "" ? place : `${place}/${path}`, from));
  return { packed, input: { ...input, kind: "packed", place } satisfies PackedInput };
}

async function jsonIn(folder: string): Promise<string[]> {
  if (!await exists(folder)) return [];
  return (await namesIn(folder)).filter((name) => /\.jsonl?$/.test(name)).sort().map((name) => `${folder}/${name}`);
}

async function modelIn({ final, path }: RunDirectory): Promise<string[]> {
  if (!await exists(final)) throw new FileError("read", path, "there must be a checkpoint in it, found none");
  const names = (await namesIn(final)).filter((name) => name !== "optimizer.safetensors" && name !== "trainer.json");
  return names.sort().map((name) => `${final}/${name}`);
}
