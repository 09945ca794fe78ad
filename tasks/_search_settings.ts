import { z } from "zod";
import { deviceFields } from "../lib/cli/device_fields.ts";
import { field } from "../lib/cli/fields.ts";
import { UsageError } from "../lib/cli/usage_error.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { FileError } from "../lib/io/file_error.ts";
import { SearchDirectory } from "../lib/io/search_directory.ts";
import { checkSameHashes, refuseOther, type SearchHashes, type StoredSearch } from "../lib/pipeline/stored_search.ts";
import { checkOneBudget, DEFAULT_PARAMS, hasBudget, subNetworkSearchSchema } from "../lib/search/sub_network_config.ts";
import { checkLatencyModel } from "../lib/subnet/latency/model.ts";
import { isObject, show } from "../lib/unknown.ts";
import { corpusFields } from "./_corpus.ts";

/** The flags of `deno task search`. */
export const searchSchema = z.strictObject({
  teacher: field(z.string().min(1).optional(), "Hugging Face folder of the teacher; needed to begin"),
  out: field(z.string().min(1).optional(), "directory of the search; needed to begin"),
  resume: field(z.string().default(""), "directory of a search to continue", {
    auto: "--out if a search was begun there, else a new one",
    bare: "auto",
  }),
  ...subNetworkSearchSchema.shape,
  correlate: field(
    z.int().min(0).default(0),
    "candidates to train in the end, to see whether fitness ranks them as training does",
    { zero: "none" },
  ),
  ...corpusFields,
  runs: field(z.string().min(1).default("runs"), "directory that keeps the tokens"),
  ...deviceFields,
  quiet: field(z.boolean().default(false), "print only what is not as it should be, and how it ended"),
});

/** All settings of a search and of the call. */
export type Settings = z.output<typeof searchSchema>;

/** What a search's `config.json` holds. */
export type StoredSettings = StoredSearch<Omit<Settings, "out" | "resume" | "quiet">>;

/** A search to begin, or to go on with if it is stored. */
export interface SearchPlace {
  readonly directory: SearchDirectory;
  readonly settings: Settings & { readonly teacher: string };
  readonly stored?: StoredSettings;
}

/** Fields that may differ from those that a search began with: where things lie, and what computes. */
const FREE = ["teacher", "runs", "device", "threads", "correlate"];
/** Fields that may grow, where no ladder follows them. */
const BUDGET = ["generations", "evaluations", "flops"];

const flagOf = flagNames();

/**
 * Finds the search that flags mean.
 *
 * @param given The flags that are given, and only those.
 * @throws {UsageError} If a flag is wrong or missing, or contradicts the search that it resumes.
 * @throws {FileError} If the search to resume cannot be read.
 */
export async function findSearch(given: Readonly<Record<string, unknown>>): Promise<SearchPlace> {
  const { out, resume } = validate(searchSchema, given, flagOf);
  checkOneBudget(given);
  const path = resume === "" || resume === "auto" ? out : resume;
  if (path === undefined) throw new UsageError("Cannot go on without --out: directory of the search; name a new one");
  const directory = new SearchDirectory(path);
  const begun = await directory.begun();
  if (begun && resume === "") {
    throw new UsageError(
      `Cannot begin a search in '${directory.path}': there must be none, found one; choose another --out, or continue ` +
        "it with --resume",
    );
  }
  if (!begun && path === resume) {
    throw new FileError("read", path, "it must be the directory of a search, found no config.json in it");
  }
  const stored = begun ? await readStored(directory) : undefined;
  const settings = validate(searchSchema, { ...stored?.settings, ...given }, flagOf);
  const { teacher } = settings;
  if (teacher === undefined) {
    throw new UsageError("Cannot go on without --teacher: Hugging Face folder of the teacher");
  }
  const bin = !hasBudget(settings) && { params: DEFAULT_PARAMS };
  return { directory, settings: { ...settings, teacher, ...bin }, ...(stored && { stored }) };
}

/** Returns what a search's `config.json` is to hold. */
export function toStore(
  { out: _, resume: _resume, quiet: _quiet, ...settings }: Settings,
  hashes: SearchHashes,
  device: string,
): StoredSettings {
  return { settings, hashes, device };
}

/**
 * Refuses to go on with other settings, another teacher or another text.
 *
 * @throws {UsageError} If one differs.
 */
export function checkSameSearch({ directory, stored }: SearchPlace, now: StoredSettings): void {
  if (!stored) return;
  const { method, fitness, calibrationTokens, trainingTokens } = now.settings;
  const ladder = fitness === "trained" ? trainingTokens : calibrationTokens;
  // The rungs of evolution's ladder follow the share of the budget that is spent.
  const free = method === "evolution" && ladder.includes(",") ? FREE : [...FREE, ...BUDGET];
  const before: Readonly<Record<string, unknown>> = stored.settings;
  for (const [name, found] of Object.entries(now.settings)) {
    if (!free.includes(name) && before[name] !== found) {
      refuseOther(directory.path, flagOf(name), before[name], found, "leave it out");
    }
  }
  checkSameHashes(directory.path, stored.hashes, now.hashes);
}

async function readStored(directory: SearchDirectory): Promise<StoredSettings> {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new FileError("read", directory.config, `it must be the config of a search, found ${reason}`, cause);
  };
  const json = await directory.readConfig();
  if (!isObject(json) || !isObject(json.hashes) || !isObject(json.settings)) return refuse(show(json));
  const { teacher, corpus, tokenizer } = json.hashes;
  const hashes = [teacher, corpus, tokenizer];
  if (!hashes.every((hash) => typeof hash === "string")) return refuse(`hashes ${show(json.hashes)}`);
  try {
    const settings = validate(searchSchema, json.settings); // a setting that is younger than the search has its default
    if (json.settings.latency !== undefined) checkLatencyModel(json.latencyModel);
    return { ...json, settings } as unknown as StoredSettings;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof RangeError)) throw error;
    return refuse(error.message.replace(/^Cannot /, "what cannot "), error);
  }
}
