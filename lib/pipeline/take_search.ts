/**
 * Taking the rows of a search into its directory.
 *
 * @module
 */

import { FileError } from "../io/file_error.ts";
import type { SearchDirectory, SearchLog } from "../io/search_directory.ts";
import { searchChart } from "../report/search_chart.ts";
import { SearchError } from "../search/records.ts";
import { bestOf, frontOf, type SubNetworkRow } from "../search/sub_network_row.ts";
import type { SubNetworkSearch } from "../search/sub_network_search.ts";

/** Where the rows of a search go. */
export interface TakeOptions {
  /** The search's directory. */
  readonly directory: SearchDirectory;
  /** What its `config.json` is to hold. */
  readonly config: unknown;
  /** Rows that are there already. @default {[]} */
  readonly known?: readonly SubNetworkRow[] | undefined;
  /** Whether the search was begun before, with rows or none. @default {false} */
  readonly begun?: boolean | undefined;
  /** Ends the search after the evaluation under way. */
  readonly signal?: AbortSignal | undefined;
}

/** A generation that was evaluated. */
export interface Generation {
  /** Its last row. */
  readonly last: SubNetworkRow;
  /** The best row so far. */
  readonly best: SubNetworkRow;
  /** Candidates a second since the generation before. */
  readonly perSecond: number;
}

/**
 * Takes a search's rows, stores what is new with the best member, the front and a chart, and yields each generation
 * that has new rows.
 *
 * @returns All rows.
 * @throws {FileError} If a row that is there is not the search's.
 */
export async function* takeSearch(
  search: SubNetworkSearch,
  { directory, config, known = [], begun = false, signal }: TakeOptions,
): AsyncGenerator<Generation, readonly SubNetworkRow[]> {
  const rows: SubNetworkRow[] = [];
  using cleanup = new DisposableStack();
  let log: SearchLog<SubNetworkRow> | undefined;
  let since = performance.now(), counted = known.length;
  const endGeneration = async (): Promise<Generation | undefined> => {
    const [last, best] = [rows.at(-1)!, bestOf(rows)!];
    await log!.sync();
    await directory.writeFindings({
      best: { ...best.genotype, parameters: best.parameters, ...latencyOf(best), fitness: best.fitness },
      front: frontOf(rows, search.bound),
      chart: searchChart(rows, { title: `Search in ${search.space.name}`, fitness: search.config.fitness }),
    });
    const now = performance.now();
    const fresh = rows.length - counted;
    const generation = { last, best, perSecond: 1000 * fresh / (now - since) };
    [since, counted] = [now, rows.length];
    return fresh > 0 ? generation : undefined;
  };
  for await (const row of readable(search.rows(signal), directory)) {
    if (row.evaluation === 1) {
      if (!begun) await directory.begin(config);
      log = cleanup.use(await directory.openRows(known));
    }
    if (row.evaluation === known.length + 1) {
      if (begun) await directory.writeConfig(config);
      since = performance.now();
    } else if (row.evaluation > known.length && row.generation !== rows.at(-1)!.generation) {
      const generation = await endGeneration();
      if (generation) yield generation;
    }
    await log!.append(row);
    rows.push(row);
  }
  // A search that is stopped while it goes over its rows has found more than these.
  const generation = rows.length >= known.length ? await endGeneration() : undefined;
  if (generation) yield generation;
  return rows;
}

function latencyOf({ latency_ms }: SubNetworkRow) {
  return latency_ms === undefined ? {} : { latency_ms };
}

/** Names the file of rows that are not those of the search. */
async function* readable<T>(rows: AsyncIterable<T>, directory: SearchDirectory): AsyncGenerator<T> {
  try {
    yield* rows;
  } catch (error) {
    const mismatch = /^Cannot resume the search: row (.*)$/s.exec(error instanceof SearchError ? error.message : "");
    throw mismatch ? new FileError("read", directory.rows, `line ${mismatch[1]}`, error) : error;
  }
}
