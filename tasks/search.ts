/**
 * Searches a teacher for the sub-network that is its best student, inside a bin.
 *
 *   deno task search --teacher fixtures/teacher --params 0.25x --out searches/first
 *
 * Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C (143 by SIGTERM) with rows to go on from.
 */

import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { describeDevice, openDevice } from "../lib/devices/mod.ts";
import { writeAtomically } from "../lib/io/atomic.ts";
import { jsonText } from "../lib/io/json.ts";
import { machineOptions } from "../lib/io/machine.ts";
import { runTask } from "../lib/io/terminal.ts";
import { hashWeights } from "../lib/pipeline/stored_search.ts";
import { type Generation, takeSearch } from "../lib/pipeline/take_search.ts";
import { subNetworkSearchSchema } from "../lib/search/sub_network_config.ts";
import { bestOf, type SubNetworkRow } from "../lib/search/sub_network_row.ts";
import { prepareSubNetworkSearch } from "../lib/search/prepare.ts";
import { correlateWithTraining } from "../lib/search/training_correlation.ts";
import { prepareData } from "../lib/train/data.ts";
import { readRunConfig } from "../lib/train/trainer_state.ts";
import { corpusOf } from "./_corpus.ts";
import { onInterrupt } from "./_interrupt.ts";
import { openModel } from "./_model.ts";
import { describeCorrelation, explainSearch, generationRow, generationTitles, summarise } from "./_search_report.ts";
import {
  checkSameSearch,
  findSearch,
  type SearchPlace,
  searchSchema,
  type Settings,
  toStore,
} from "./_search_settings.ts";
import { quote } from "./_shell.ts";

const usage = `deno task search [flags]
Ctrl-C finishes the evaluation and says how to resume; the exit code is then 130.`;
const examples = [
  "deno task search --teacher fixtures/teacher --params 0.25x --out searches/first",
  "deno task search --teacher fixtures/teacher --space coarse-uniform --params 1.1M --tolerance 1% --out searches/coarse",
  "deno task search --resume searches/first",
];

type Say = (line: string) => void;

await runTask(async (args) => {
  const flags = parseFlags(searchSchema, args);
  if (flags.help) return console.log(help(searchSchema, { usage, examples }));
  const place = await findSearch(flags.values);
  const { directory, settings, stored } = place;
  const say: Say = settings.quiet ? () => {} : (line) => console.log(line);

  using cleanup = new DisposableStack();
  const device = cleanup.use(await openDevice(settings.device, machineOptions(settings.threads)));
  say(`device: ${describeDevice(device)}, because ${device.reason}`);
  const { model, tokenizer } = await openModel(settings.teacher, device);
  const teacher = cleanup.use(model);
  const { vocabularySize: vocabulary, sequence } = teacher.config;
  const corpus = corpusOf(settings, await readRunConfig(settings.teacher));
  const { train: tokens, manifest: { corpusHash, tokenizerHash } } = await prepareData(
    { ...corpus, sequence, out: settings.runs, tokenizer: "train", endOfText: "", vocabulary },
    tokenizer,
    say,
  );
  const hashes = { teacher: await hashWeights(settings.teacher), corpus: corpusHash, tokenizer: tokenizerHash };
  const found = toStore({ ...settings, ...corpus }, hashes, device.name);
  checkSameSearch(place, found);
  if (stored && stored.device !== device.name) {
    console.warn(`this search began on ${stored.device} and goes on with ${device.name}: the last digits may differ`);
  }

  // A search that cannot begin leaves nothing behind.
  if (stored) cleanup.use(await directory.claim());
  const known = await directory.readRows<SubNetworkRow>();
  if (settings.latency !== undefined && !stored) say("measuring the latencies of sub-networks");
  const search = await prepareSubNetworkSearch(teacher, ownSettings(settings), {
    ...{ tokens, records: known, latencyModel: stored?.latencyModel },
  });
  const { latencyModel } = search;
  const config = { ...found, ...(latencyModel && { latencyModel }) };
  const here = describeDevice(device);
  if (latencyModel && latencyModel.device !== here) {
    console.warn(`latencies are predicted as measured on ${latencyModel.device}, and this is ${here}`);
  }
  if (!stored) cleanup.use(await directory.claim());
  explainSearch(search).forEach(say);
  if (stored) say(`resuming '${directory.path}' after ${known.length} evaluations`);

  let stopped = 0;
  let rows: readonly SubNetworkRow[];
  {
    using interrupt = onInterrupt("finishing this evaluation; press Ctrl-C again to end at once");
    const { signal } = interrupt;
    rows = await print(takeSearch(search, { directory, config, known, begun: stored !== undefined, signal }), say);
    stopped = search.result.ended ? 0 : interrupt.code;
  }
  if (stopped) {
    console.log(`stopped; continue with: deno task search --resume ${quote(directory.path)}`);
    return stopped;
  }
  const best = bestOf(rows)!;
  const latency = search.bound === "latency_ms" ? await search.compareLatency(best.genotype) : undefined;
  summarise(search, best, await search.compare(best.level), teacher, latency).forEach(say);
  if (settings.correlate > 0) {
    const { correlate: count } = settings;
    const correlation = await correlateWithTraining(teacher, rows, { config: search.config, tokens, count });
    await writeAtomically(directory.correlation, jsonText(correlation));
    say(describeCorrelation(correlation, search));
  }
  console.log(
    `done: the best sub-network is in '${directory.best}'; cut it out: ${extraction(directory.best, place)}`,
  );
});

/** Prints a search's generations and returns its rows. */
async function print(
  taking: AsyncGenerator<Generation, readonly SubNetworkRow[]>,
  say: Say,
): Promise<readonly SubNetworkRow[]> {
  for (let titled = false;; titled = true) {
    const { done, value } = await taking.next();
    if (done) return value;
    if (!titled) say(generationTitles(value.last));
    say(generationRow(value));
  }
}

/** The settings of the search itself, without those of the call. */
function ownSettings(settings: Settings) {
  const own = Object.entries(settings).filter(([name]) => name in subNetworkSearchSchema.shape);
  return Object.fromEntries(own) as Partial<Settings>;
}

function extraction(best: string, { directory, settings: { teacher, rope, scale, fitness } }: SearchPlace): string {
  const heads = [["--rope", rope], ["--scale", scale]].filter(([, value]) => value !== "keep").flat();
  const repairs = fitness === "repaired" ? ["--norms", "rescale", "--repair"] : [];
  const out = `${directory.path}/student`;
  const given = ["--teacher", quote(teacher), "--subnet", quote(best), "--out", quote(out), ...heads, ...repairs];
  return `deno task extract ${given.join(" ")}`;
}
