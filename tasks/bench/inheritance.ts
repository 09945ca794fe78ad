/**
 * Measures what each choice in cutting a student out of the shipped teacher is worth before any training: the loss of
 * students of a quarter of its size on held-out text.
 *
 *     deno run -A tasks/bench/inheritance.ts
 */

import { openDevice } from "../../lib/devices/mod.ts";
import { Evaluator } from "../../lib/evaluate/loss.ts";
import { machineOptions } from "../../lib/io/machine.ts";
import { loadModel, tokenizerOf } from "../../lib/io/model_folder.ts";
import { formatTable } from "../../lib/report/table.ts";
import { dimensionsOf } from "../../lib/subnet/dimensions.ts";
import { extract } from "../../lib/subnet/extract.ts";
import { importanceOf } from "../../lib/subnet/importance/mod.ts";
import { evenlySpacedOf, type Order, orderedBy, prefixOf } from "../../lib/subnet/orders.ts";
import { rescaleNorms } from "../../lib/subnet/repair/norms.ts";
import { refitProjections } from "../../lib/subnet/repair/projections.ts";
import { searchSpace } from "../../lib/subnet/search_space.ts";
import type { HeadOptions } from "../../lib/subnet/student_config.ts";
import type { SubNetwork } from "../../lib/subnet/sub_network.ts";
import { resolveConfig } from "../../lib/train/config.ts";
import { prepareData } from "../../lib/train/data.ts";

const SEQUENCE = 256;
const CALIBRATION_WINDOWS = 32;
const HELD_OUT_TOKENS = 32_768;

using device = await openDevice("cpu", machineOptions());
using teacher = await loadModel(new URL("../../fixtures/teacher", import.meta.url).pathname, device);
const config = resolveConfig({ preset: "teacher" });
const data = await prepareData(config, await tokenizerOf(teacher), () => {});
const apart = Math.floor((data.train.length - SEQUENCE - 1) / CALIBRATION_WINDOWS);
const windows = Array.from(
  { length: CALIBRATION_WINDOWS },
  (_, i) => [...data.train.subarray(i * apart, i * apart + SEQUENCE + 1)],
);
const inputs = windows.map((window) => window.slice(0, -1));
const batches = windows.map((window) => [window]);

const space = searchSpace("fine-layerwise", dimensionsOf(teacher.config), { steps: { headDims: 8 } });
const orders: Record<string, Order> = {
  "first indices": prefixOf,
  "evenly spaced": evenlySpacedOf,
  "largest activations": orderedBy(await importanceOf(teacher, batches, "activation")),
  "largest Taylor scores": orderedBy(await importanceOf(teacher, batches, "taylor")),
};
const sizesOf = (headDims: number) => ({
  width: 128,
  blocks: Array(4).fill({ groups: 4, headsInGroup: 1, headDims, mlp: 512 }),
});

const repairs = { "as it is": [], "norms": ["norms"], "refit": ["refit"], "norms, refit": ["norms", "refit"] };
const rows: Record<string, string>[] = [];
for (const [kept, order] of Object.entries(orders)) {
  const subNetwork = order(sizesOf(32), space);
  const row: Record<string, string> = { kept };
  for (const [title, repair] of Object.entries(repairs)) row[title] = (await lossOf(subNetwork, repair)).toFixed(3);
  rows.push(row);
}
print(rows);

const cut = orders["largest activations"]!(sizesOf(24), space);
const heads: HeadOptions[] = [{}, { scale: "rebuild" }, { rope: "rebuild" }, { rope: "rebuild", scale: "rebuild" }];
const losses: Record<string, string>[] = [];
for (const { rope = "keep", scale = "keep" } of heads) {
  losses.push({ rope, scale, loss: (await lossOf(cut, [], { rope, scale })).toFixed(3) });
}
print(losses);

async function lossOf(subNetwork: SubNetwork, repair: readonly string[], heads: HeadOptions = {}): Promise<number> {
  using student = await extract(teacher, subNetwork, heads);
  if (repair.includes("norms")) await rescaleNorms(teacher, student, subNetwork, inputs);
  if (repair.includes("refit")) await refitProjections(teacher, student, subNetwork, inputs);
  const { validation: tokens, bytesPerToken } = data;
  const limit = HELD_OUT_TOKENS;
  using evaluator = await Evaluator.create(student, { tokens, bytesPerToken, limit, batch: 8, sequence: SEQUENCE });
  return (await evaluator.evaluate()).loss;
}

function print(rows: readonly Record<string, string>[]): void {
  const columns = Object.keys(rows[0]!).map((title) => ({ title, text: (row: Record<string, string>) => row[title]! }));
  console.log(`${formatTable(columns, rows)}\n`);
}
