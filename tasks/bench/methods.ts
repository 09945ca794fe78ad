/**
 * Compares evolution with random search on the shipped teacher: at the same number of evaluations in all four spaces,
 * and in a space so small that its best sub-network is known.
 *
 *     deno run -A tasks/bench/methods.ts
 */

import { openDevice } from "../../lib/devices/mod.ts";
import { machineOptions } from "../../lib/io/machine.ts";
import { loadModel, tokenizerOf } from "../../lib/io/model_folder.ts";
import { formatTable } from "../../lib/report/table.ts";
import { LossJudge } from "../../lib/search/judges/loss.ts";
import { search } from "../../lib/search/search.ts";
import { StudentObjective } from "../../lib/search/student_objective.ts";
import type { SubNetworkSearchOptions } from "../../lib/search/sub_network_config.ts";
import { searchSubNetworks } from "../../lib/search/prepare.ts";
import { median } from "../../lib/statistics.ts";
import { bin } from "../../lib/subnet/budget.ts";
import { countSubNetworkParameters } from "../../lib/subnet/counts.ts";
import { dimensionsOf } from "../../lib/subnet/dimensions.ts";
import { searchSpace, searchSpaceNames } from "../../lib/subnet/search_space.ts";
import type { SubNetwork } from "../../lib/subnet/sub_network.ts";
import { resolveConfig } from "../../lib/train/config.ts";
import { prepareData } from "../../lib/train/data.ts";

const EVALUATIONS = 64;
const CALIBRATION_TOKENS = 4096;
const SEEDS = 3;
const TINY = { steps: { width: 32, mlp: 128 }, tolerance: 0.1, share: 0.2, seeds: 20, population: 8 };

using device = await openDevice("cpu", machineOptions());
using teacher = await loadModel(new URL("../../fixtures/teacher", import.meta.url).pathname, device);
const { train: tokens } = await prepareData(resolveConfig({ preset: "teacher" }), await tokenizerOf(teacher), () => {});

const methods: Record<string, SubNetworkSearchOptions> = {
  random: { method: "random" },
  "stratified random": { method: "stratified" },
  evolution: {},
};
const rows: Record<string, string>[] = [];
for (const space of searchSpaceNames) {
  const row: Record<string, string> = { space };
  for (const [name, options] of Object.entries(methods)) {
    const losses: number[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const given = { ...options, space, seed, evaluations: EVALUATIONS, calibrationTokens: `${CALIBRATION_TOKENS}` };
      const found = await Array.fromAsync(searchSubNetworks(teacher, given, { tokens }));
      losses.push(found.at(-1)!.best);
    }
    const [least, most] = [Math.min(...losses), Math.max(...losses)];
    row[name] = `${median(losses).toFixed(3)} (${least.toFixed(3)} to ${most.toFixed(3)})`;
  }
  rows.push(row);
}
const columns = Object.keys(rows[0]!).map((title) => ({ title, text: (row: Record<string, string>) => row[title]! }));
console.log(`${formatTable(columns, rows)}\n`);

const dimensions = dimensionsOf(teacher.config);
const space = searchSpace("coarse-uniform", dimensions, { fixed: ["headDims"], steps: TINY.steps });
const cost = (subNetwork: SubNetwork) => countSubNetworkParameters(subNetwork, teacher.config);
const quarter = bin({ target: Math.round(cost(space.largest()) / 4), tolerance: TINY.tolerance });
const members = [...space.enumerate()].filter((each) => cost(each) >= quarter.least && cost(each) <= quarter.most);
const { sequence } = teacher.config;
const judge = new LossJudge(teacher, { tokens, sequence, levels: [CALIBRATION_TOKENS] });
const losses = await new StudentObjective(teacher, judge).evaluate(members, 0);
const known = new Map(members.map((member, i) => [space.textOf(member), losses[i]!]));
const best = Math.min(...losses);
const objective = {
  evaluate: (candidates: readonly SubNetwork[]) =>
    Promise.resolve(candidates.map((each) => known.get(space.textOf(each))!)),
  price: () => 0,
};
const evaluations = Math.floor(TINY.share * members.length);
const hits = async (method: "evolution" | "random") => {
  let count = 0;
  for (let seed = 1; seed <= TINY.seeds; seed++) {
    const { population } = TINY;
    const running = search({ space, cost, bin: quarter, objective }, { method, population, evaluations, seed });
    if ((await Array.fromAsync(running)).at(-1)!.best === best) count++;
  }
  return count;
};
console.log(
  `${members.length} sub-networks in the bin, the best at ${
    best.toFixed(3)
  }: with ${evaluations} evaluations evolution ` +
    `found it in ${await hits("evolution")} of ${TINY.seeds} seeds, random search in ${await hits("random")}`,
);
