/**
 * Where a run lies, and what it goes on from.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { toFlag } from "../cli/fields.ts";
import { type Checkpoint, latestCheckpoint, readCheckpoint } from "../io/checkpoint.ts";
import { exists } from "../io/files.ts";
import { RunDirectory } from "../io/run_directory.ts";
import { withFile } from "../io/file_error.ts";
import { type ConfigSources, type PretrainConfig, type PretrainOptions, resolveConfig } from "./config.ts";

/** A run's config and its place; a new run has no directory yet. */
export interface RunPlace {
  readonly config: PretrainConfig;
  readonly path: string;
  readonly directory?: RunDirectory;
  readonly checkpoint?: Checkpoint;
  /** Damaged checkpoints that were passed over, a line each. */
  readonly refused: readonly string[];
}

/** Fields that may differ from those a run began with: how long, how often, and how it is shown. */
const FREE = [
  "name",
  "out",
  "resume",
  "steps",
  "tokens",
  "evalEvery",
  "evalTokens",
  "sampleTokens",
  "samplePrompt",
  "logEvery",
  "checkpointEvery",
  "keep",
  "quiet",
  "device",
  "profile",
  "dryRun",
] as const;

/** Finds the run that a config means: a new one, or with `resume` one that was begun before. */
export async function findRun(options: PretrainOptions, sources: ConfigSources): Promise<RunPlace> {
  const config = resolveConfig(options, sources);
  if (config.resume === "") return { config, path: await newPath(config), refused: [] };
  if (config.resume === "auto") {
    for (const path of (await runsOf(config)).reverse()) {
      const place = await resumeRun(path, options, sources);
      if ((place.checkpoint?.step ?? 0) < place.config.steps) return place;
    }
    return { config, path: await newPath(config), refused: [] };
  }
  const [, run] = /^(.*)\/(?:checkpoints\/[^/]+|final)\/*$/.exec(config.resume) ?? [];
  if (run === undefined) return await resumeRun(config.resume, options, sources);
  const place = await resumeRun(run, options, sources, config.resume);
  return place;
}

async function resumeRun(
  path: string,
  options: PretrainOptions,
  sources: ConfigSources,
  folder?: string,
): Promise<RunPlace> {
  const directory = await RunDirectory.open(path);
  const stored = resolveConfig(await directory.readConfig());
  const given = { ...options, ...sources.file as PretrainOptions, ...sources.flags as PretrainOptions };
  const config = resolveConfig(stored, { flags: given });
  const free: readonly string[] = FREE;
  for (const field of Object.keys(config) as (keyof PretrainConfig)[]) {
    if (free.includes(field) || config[field] === stored[field]) continue;
    throw new UsageError(
      `Cannot resume '${path}' with another --${toFlag(field)}: it must stay ${stored[field]}, found ${
        config[field]
      }; ` +
        "leave it out, or begin a new run",
    );
  }
  const latest = folder ? { checkpoint: await readCheckpoint(folder), refused: [] } : await latestCheckpoint(directory);
  const checkpoint = latest?.checkpoint;
  return { config, path, directory, ...(checkpoint && { checkpoint }), refused: latest?.refused ?? [] };
}

/** Run directories of a config's name, oldest first: the name itself, then the numbered ones. */
async function runsOf({ out, name, preset }: PretrainConfig): Promise<string[]> {
  if (name !== "auto") return await exists(`${out}/${name}/config.json`) ? [`${out}/${name}`] : [];
  const paths: string[] = [];
  for (let number = 1;; number++) {
    const path = numbered(out, preset, number);
    if (!await exists(path)) return paths;
    if (await exists(`${path}/config.json`)) paths.push(path);
  }
}

async function newPath({ out, name, preset }: PretrainConfig): Promise<string> {
  if (name !== "auto") {
    if (await exists(`${out}/${name}/config.json`)) {
      throw new UsageError(
        `Cannot begin a run in '${out}/${name}': there must be none, found one; choose another --name, or continue it ` +
          "with --resume auto",
      );
    }
    return `${out}/${name}`;
  }
  for (let number = 1;; number++) {
    const path = numbered(out, preset, number);
    if (!await withFile("read", path, () => exists(path))) return path;
  }
}

function numbered(out: string, preset: string, number: number): string {
  return number === 1 ? `${out}/${preset}` : `${out}/${preset}-${number}`;
}
