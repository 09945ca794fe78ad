import { assert, assertEquals, assertRejects } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { Evaluator } from "../../lib/evaluate/loss.ts";
import { Model } from "../../lib/model/model.ts";
import { forwardFlopsPerToken } from "../../lib/model/flops.ts";
import { countParameters } from "../../lib/model/parameters.ts";
import { SearchError } from "../../lib/search/records.ts";
import { prepareSubNetworkSearch, searchSubNetworks } from "../../lib/search/prepare.ts";
import type { SubNetworkSearchOptions } from "../../lib/search/sub_network_config.ts";
import type { SubNetworkRow } from "../../lib/search/sub_network_row.ts";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { extract } from "../../lib/subnet/extract.ts";
import { hashSubNetwork } from "../../lib/subnet/json.ts";
import { evenlySpacedOf, prefixOf } from "../../lib/subnet/orders.ts";
import { proportionalSizes } from "../../lib/subnet/proportional.ts";
import { sizesOf } from "../../lib/subnet/sizes.ts";
import { integers } from "../ops/harness.ts";
import { largeParameters, smallNeoX } from "../model/small_neox.ts";

const device = await openDevice("cpu", { threads: 1 });
const teacher = await Model.create(device, smallNeoX, largeParameters(smallNeoX));
Deno.test.afterAll(() => device[Symbol.dispose]());
const { sequence } = smallNeoX;
const tokens = Uint32Array.from(integers("text", 40 * sequence + 1, smallNeoX.vocabularySize));
const options: SubNetworkSearchOptions = {
  params: "0.5x",
  tolerance: "3%",
  steps: "width=2,mlp=2",
  population: 8,
  evaluations: 14,
  calibrationTokens: `${8 * sequence}`,
  seed: 3,
};

async function rowsOf(more: SubNetworkSearchOptions = {}, inputs: { records?: SubNetworkRow[] } = {}) {
  return await Array.fromAsync(searchSubNetworks(teacher, { ...options, ...more }, { tokens, ...inputs }));
}

const searched = rowsOf();

Deno.test("every row is of a student in the bin, with its true parameters, FLOPs, hash and loss", async () => {
  const rows = await searched;
  assertEquals(rows.map(({ evaluation }) => evaluation), Array.from({ length: 14 }, (_, i) => i + 1));
  const target = Math.round(countParameters(smallNeoX) / 2);
  for (const row of [rows[0]!, rows[7]!, rows[13]!]) {
    using student = await extract(teacher, row.genotype);
    using evaluator = await Evaluator.create(student, {
      ...{ tokens, sequence, bytesPerToken: 1, batch: 8, limit: 8 * sequence },
    });
    assertEquals(row.parameters, countParameters(student.config));
    assertEquals(row.flops_per_token, forwardFlopsPerToken(student.config));
    assertEquals(row.hash, await hashSubNetwork(row.genotype));
    assertEquals(row.fitness, (await evaluator.evaluate()).loss);
    assert(Math.abs(row.parameters - target) <= 0.03 * target, `${row.parameters} of ${target}`);
  }
  const spent = rows.reduce((sum, { flops_per_token }) => sum + 8 * sequence * flops_per_token, 0);
  assertEquals(rows.at(-1)!.flops, spent);
  assertEquals(rows.at(-1)!.best, Math.min(...rows.map(({ fitness }) => fitness)));
});

Deno.test("asked to, a search begins each kind with a student of the teacher's proportions", async () => {
  const search = await prepareSubNetworkSearch(teacher, { ...options, proportional: true }, { tokens });
  const sizes = proportionalSizes(search.space, smallNeoX, search.bin);
  const kinds = [...new Set(search.starts.map(({ kind }) => kind))];
  assertEquals(kinds, ["prefix", "spaced", "taylor"]);
  for (const wanted of kinds) {
    const first = search.starts.find(({ kind }) => kind === wanted)!;
    assertEquals(sizesOf(first.genotype), sizes, wanted);
  }
  const others = await prepareSubNetworkSearch(teacher, options, { tokens });
  assert(others.starts.every(({ genotype }) => JSON.stringify(sizesOf(genotype)) !== JSON.stringify(sizes)));
});

Deno.test("half of the first population are starts: kinds and numbers of layers take turns", async () => {
  const search = await prepareSubNetworkSearch(teacher, { ...options, evaluations: 5 }, { tokens });
  assertEquals(search.starts.map(({ kind }) => kind), ["prefix", "spaced", "taylor", "prefix"]);
  const starts = search.starts.map(({ genotype }) => genotype);
  assertEquals(starts.map(({ layers }) => layers.length), [1, 2, 1, 2]);
  const [prefix, spaced] = starts;
  assertEquals(prefix, prefixOf(sizesOf(prefix!), search.space));
  assertEquals(spaced, evenlySpacedOf(sizesOf(spaced!), search.space));
  const rows = await Array.fromAsync(search.rows());
  assertEquals(rows.map(({ start }) => start), ["prefix", "spaced", "taylor", "prefix", undefined]);
});

Deno.test("coarse spaces begin with prefixes alone, and random search with none", async () => {
  const kinds = async (more: SubNetworkSearchOptions) => {
    const { starts } = await prepareSubNetworkSearch(teacher, { ...options, ...more }, { tokens });
    return [...new Set(starts.map(({ kind }) => kind))];
  };
  assertEquals(await kinds({ space: "coarse-layerwise" }), ["prefix"]);
  assertEquals(await kinds({ method: "random" }), []);
  assertEquals(await kinds({ importance: "activation", prefix: false }), ["spaced", "activation"]);
  assertEquals(await kinds({ importance: "none", spaced: false, prefix: false }), []);
});

Deno.test("a search that goes on from its first rows yields the rows of the whole one", async () => {
  const whole = await searched;
  const records = JSON.parse(JSON.stringify(whole.slice(0, 11)));
  assertEquals(await rowsOf({}, { records }), whole);
  records[6].hash = "0".repeat(64);
  await assertRejects(() => rowsOf({}, { records }), SearchError, "row 7 must have 'hash' = ");
});

Deno.test("a signal ends a search after the evaluation under way", async () => {
  const controller = new AbortController();
  const rows = [];
  for await (const row of searchSubNetworks(teacher, options, { tokens, signal: controller.signal })) {
    rows.push(row);
    if (rows.length === 4) controller.abort();
  }
  assertEquals(rows, (await searched).slice(0, 4));
});

Deno.test("the best is compared with the teacher and the starts on the same tokens, however high it was judged", async () => {
  const ladder = { calibrationTokens: `${4 * sequence},${8 * sequence}`, evaluations: 16 };
  const search = await prepareSubNetworkSearch(teacher, { ...options, ...ladder }, { tokens });
  const rows = await Array.fromAsync(search.rows());
  assertEquals(rows.at(-1)!.level, 1);
  const found = await search.compare(1);
  using evaluator = await Evaluator.create(teacher, {
    ...{ tokens, sequence, bytesPerToken: 1, batch: 8, limit: 8 * sequence },
  });
  assertEquals(found.teacher, (await evaluator.evaluate()).loss);
  const kinds = [...found.starts.keys()];
  assertEquals(kinds, ["prefix", "spaced", "taylor"]);
  for (const kind of kinds) {
    const loss = found.starts.get(kind)!;
    const starts = search.starts.filter((start) => start.kind === kind);
    const losses = await Promise.all(starts.map(async ({ genotype }) => {
      using student = await extract(teacher, genotype);
      using evaluator = await Evaluator.create(student, {
        ...{ tokens, sequence, bytesPerToken: 1, batch: 8, limit: 8 * sequence },
      });
      return (await evaluator.evaluate()).loss;
    }));
    assert(losses.includes(loss), `${kind}: ${loss} of ${losses}`);
  }
});

Deno.test("a bin of FLOPs bounds FLOPs", async () => {
  const { params: _, ...rest } = options;
  const search = searchSubNetworks(teacher, { ...rest, budgetFlops: "0.4x", evaluations: 4 }, { tokens });
  const rows = await Array.fromAsync(search);
  const target = Math.round(0.4 * forwardFlopsPerToken(smallNeoX));
  assert(rows.every(({ flops_per_token: flops }) => Math.abs(flops - target) <= 0.03 * target));
  assertEquals(rows.length, 4);
});

Deno.test("settings that make no search are refused", async () => {
  const refusals: [SubNetworkSearchOptions, typeof UsageError | RangeErrorConstructor, string][] = [
    [{ budgetFlops: "0.4x" }, UsageError, "Cannot use --params and --budget-flops together"],
    [{ fixed: "heads" }, UsageError, "Cannot use --fixed: dimensions must be among layers, width, groups"],
    [{ steps: "width=0" }, UsageError, "Cannot use --steps: each must be a dimension with a whole number above 0"],
    [{ calibrationTokens: "lots" }, UsageError, "Cannot use --calibration-tokens: it must be a whole number from 1"],
    [{ calibrationTokens: "20,10" }, RangeError, "calibration tokens must be more at each level, found 20, 10"],
    [{ params: "0" }, UsageError, "it must be a whole number from 1 to"],
    [{ params: "0.001x" }, RangeError, "Cannot search the bin: it must hold a member of the space, found none that"],
    [{ elites: 8 }, RangeError, "'elites' must be below 'population' = 8, found 8"],
  ];
  for (const [more, kind, reason] of refusals) await assertRejects(() => rowsOf(more), kind, reason);
});
