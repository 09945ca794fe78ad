/**
 * The stage that searches a teacher for its student.
 *
 * @module
 */

import type { PipelineDirectory } from "../io/pipeline_directory.ts";
import { SearchDirectory } from "../io/search_directory.ts";
import type { SubNetworkRow } from "../search/sub_network_row.ts";
import { prepareSubNetworkSearch } from "../search/prepare.ts";
import type { SubNetworkSearch } from "../search/sub_network_search.ts";
import { type PipelineConfig, searchConfig } from "./config.ts";
import { keepCosts, readCosts } from "./costs.ts";
import { checkSameHashes, hashWeights, type StoredSearch } from "./stored_search.ts";
import { type Generation, takeSearch } from "./take_search.ts";
import type { OpenTeacher } from "./teacher.ts";

/** A search that is ready, and what is there of it. */
export interface SearchStage {
  readonly search: SubNetworkSearch;
  /** Rows that are there already. */
  readonly known: readonly SubNetworkRow[];
  /** Takes the rest of the rows; the signal ends it after the evaluation under way. */
  readonly generations: (signal?: AbortSignal) => AsyncGenerator<Generation>;
}

/**
 * Prepares the search of a pipeline, in a directory with which `deno task search` can go on too.
 *
 * @throws {UsageError} If it was begun with another teacher or another text.
 * @throws {RangeError} If the bin holds no sub-network.
 */
export async function prepareSearch(
  directory: PipelineDirectory,
  config: PipelineConfig,
  { device, folder: teacher, model, data }: OpenTeacher,
): Promise<SearchStage> {
  const started = performance.now();
  const place = new SearchDirectory(directory.search);
  const begun = await place.begun();
  const { corpus, field, separator, validationFraction, splitSeed, threads } = config;
  const { corpusHash: hash, tokenizerHash: tokenizer } = data.manifest;
  const settings = searchConfig(config);
  const stored: StoredSearch = {
    settings: {
      ...{ teacher, ...settings, correlate: 0, corpus, field, separator, validationFraction, splitSeed },
      ...{ runs: config.out, device: config.device, threads },
    },
    hashes: { teacher: await hashWeights(teacher), corpus: hash, tokenizer },
    device: device.name,
  };
  if (begun) checkSameHashes(place.path, (await place.readConfig() as StoredSearch).hashes, stored.hashes);
  const known = await place.readRows<SubNetworkRow>();
  const search = await prepareSubNetworkSearch(model, settings, { tokens: data.train, records: known });
  const before = (await readCosts(directory)).search?.seconds ?? 0;
  const generations = async function* (signal?: AbortSignal) {
    using _lock = await place.claim();
    yield* takeSearch(search, { directory: place, config: stored, known, begun, signal });
    const { evaluated: evaluations, flops } = search.result;
    const seconds = before + (performance.now() - started) / 1000;
    await keepCosts(directory, { search: { evaluations, flops, preparation: search.preparation, seconds } });
  };
  return { search, known, generations };
}
