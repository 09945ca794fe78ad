import { assert, assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { Batches } from "../../lib/data/batches.ts";
import type { Tokenizer } from "../../lib/data/tokenizer.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import type { TeachOptions } from "../../lib/distill/plan.ts";
import { LogitStore } from "../../lib/distill/store/reader.ts";
import { teach, type TeachPlace, type TeachRow } from "../../lib/distill/teach.ts";
import { logits } from "../../lib/model/forward.ts";
import { forwardFlopsPerToken } from "../../lib/model/flops.ts";
import { Model } from "../../lib/model/model.ts";
import { hashesOf } from "../integration/tiny_run.ts";
import { inFolder } from "../io/temporary_folder.ts";
import { largeParameters, smallNeoX } from "../model/small_neox.ts";
import { assertClose, integers } from "../ops/harness.ts";

const { vocabularySize: vocabulary } = smallNeoX;
/** 23 windows of 7 tokens, and a few that fill none. */
const tokens = Uint16Array.from(integers("text", 23 * 7 + 4, vocabulary));
const tokenizer = { hash: "b".repeat(64), endOfText: 0, json: {}, vocabularySize: vocabulary } as Tokenizer;
const options: TeachOptions = { tokens, tokenizer, k: 5, temperature: 2 };

/** A second teacher, of another shape. */
const smaller = { ...smallNeoX, width: 16, heads: 2, layers: 1 };

/** The softmax of a row of logits at a temperature, in double precision. */
function softmax(row: ArrayLike<number>, temperature: number): number[] {
  const top = Math.max(...Array.from(row));
  const exponentials = Array.from(row, (z) => Math.exp((z - top) / temperature));
  const sum = exponentials.reduce((all, each) => all + each);
  return exponentials.map((each) => each / sum);
}

for (const kind of ["webgpu", "cpu"] as const) {
  const device = await openDevice(kind);
  Deno.test.afterAll(() => device[Symbol.dispose]());
  const teacher = await Model.create(device, smallNeoX, largeParameters(smallNeoX));
  const taught = (given: Partial<TeachOptions>, place: TeachPlace): Promise<TeachRow[]> =>
    Array.fromAsync(teach(teacher, { ...options, ...given }, place));

  Deno.test(`a store holds the most likely tokens of every window of the text (${kind})`, () =>
    inFolder(async (folder) => {
      // The last pass of four is not full, and neither is any pass full of windows that a run draws at once.
      const rows = await taught({}, { folder: `${folder}/store`, batch: 4 });
      using store = await LogitStore.open(`${folder}/store`);
      const batches = new Batches(tokens, { batch: 23, sequence: 7, seed: 99 });
      const { tokens: read } = batches.batch(0);
      const { ids, masses } = store.read(read);
      const windows = Array.from({ length: 23 }, (_, i) => [...read.subarray(7 * i, 7 * i + 7)]);
      const scores = await logits(teacher, windows);
      for (let at = 0; at < 23 * 7; at++) {
        const p = softmax(scores.subarray(at * vocabulary, (at + 1) * vocabulary), 2);
        const order = [...p.keys()].sort((a, b) => p[b]! - p[a]!).slice(0, 5);
        assertEquals([...ids.subarray(5 * at, 5 * at + 5)], order, `position ${at}`);
        const expected = order.map((id) => p[id]!);
        const rest = 1 - expected.reduce((sum, each) => sum + each);
        assertClose(masses.subarray(6 * at, 6 * at + 6), [...expected, rest], `position ${at}`, 1e-3);
      }
      const [{ tokens_per_s: _, ...last }] = rows.slice(-1) as [TeachRow];
      assertEquals(last, {
        ...{ windows: 23, of: 23, tokens: 161 },
        bytes: 161 * (4 * 5 + 2) + 23 * 24,
        bytes_per_token: 22 + 24 / 7,
        flops: 161 * forwardFlopsPerToken(smallNeoX),
      });
    }));

  Deno.test(`a store of several teachers holds the mean of what they think, and what all of them cost (${kind})`, () =>
    inFolder(async (folder) => {
      using other = await Model.create(device, smaller, largeParameters(smaller));
      const rows = await Array.fromAsync(
        teach([teacher, other], { ...options, k: vocabulary }, { folder: `${folder}/store`, batch: 4 }),
      );
      using store = await LogitStore.open(`${folder}/store`);
      const { tokens: read } = new Batches(tokens, { batch: 23, sequence: 7, seed: 99 }).batch(0);
      const { ids, masses } = store.read(read);
      const windows = Array.from({ length: 23 }, (_, i) => [...read.subarray(7 * i, 7 * i + 7)]);
      const [one, two] = [await logits(teacher, windows), await logits(other, windows)];
      for (let at = 0; at < 23 * 7; at++) {
        const [p, q] = [one, two].map((all) => softmax(all.subarray(at * vocabulary, (at + 1) * vocabulary), 2));
        const expected = [...ids.subarray(vocabulary * at, vocabulary * (at + 1))].map((id) => (p![id]! + q![id]!) / 2);
        const found = masses.subarray((vocabulary + 1) * at, (vocabulary + 1) * at + vocabulary);
        assertClose(found, expected, `position ${at}`, 1e-3);
      }
      assertEquals(rows.at(-1)!.flops, 161 * (forwardFlopsPerToken(smallNeoX) + forwardFlopsPerToken(smaller)));
    }));

  Deno.test(`a store of draws holds estimates whose mean is what the teacher thinks (${kind})`, () =>
    inFolder(async (folder) => {
      const sums = new Float64Array(7 * vocabulary);
      const one = tokens.subarray(0, 8);
      const ROUNDS = 12, k = 255;
      for (let seed = 0; seed < ROUNDS; seed++) {
        const place = { folder: `${folder}/${seed}` };
        await taught({ tokens: one, kind: "sampled", k, seed }, place);
        using store = await LogitStore.open(place.folder);
        const { ids, masses } = store.read(Uint32Array.from(one.subarray(0, 7)));
        for (let i = 0; i < 7 * k; i++) {
          sums[vocabulary * Math.floor(i / k) + ids[i]!]! += masses[i + Math.floor(i / k)]! / ROUNDS;
        }
      }
      const scores = await logits(teacher, [[...one.subarray(0, 7)]]);
      for (let at = 0; at < 7; at++) {
        softmax(scores.subarray(at * vocabulary, (at + 1) * vocabulary), 2).forEach((p, id) => {
          const error = 5 * Math.sqrt(p * (1 - p) / (k * ROUNDS)) + 1e-9;
          assert(Math.abs(sums[vocabulary * at + id]! - p) < error, `token ${id} at ${at}: ${sums[id]} for ${p}`);
        });
      }
    }));
}

Deno.test("positions draw independently, even where the teacher thinks the same", () =>
  inFolder(async (folder) => {
    const device = await openDevice("cpu", { threads: 0 });
    using model = await Model.create(device, smallNeoX, largeParameters(smallNeoX));
    // Of tokens that are all alike attention is the same mean at every position.
    const alike = new Uint16Array(8).fill(3);
    await Array.fromAsync(
      teach(model, { ...options, tokens: alike, kind: "sampled", k: 40, temperature: 5 }, {
        folder: `${folder}/store`,
      }),
    );
    using store = await LogitStore.open(`${folder}/store`);
    const { ids } = store.read(new Uint32Array(7).fill(3));
    const drawn = Array.from({ length: 7 }, (_, at) => ids.subarray(40 * at, 40 * at + 40).join());
    assertEquals(new Set(drawn).size, 7);
  }));

const device = await openDevice("cpu");
Deno.test.afterAll(() => device[Symbol.dispose]());
const teacher = await Model.create(device, smallNeoX, largeParameters(smallNeoX));

Deno.test("a text of several shards that is stopped after each and resumed leaves the bytes of one that was not", () =>
  inFolder(async (folder) => {
    const long = Uint16Array.from(integers("long text", 5000 * 7 + 1, vocabulary));
    for (const kind of ["top-k", "sampled"] as const) {
      const given: TeachOptions = { ...options, tokens: long, kind, windows: 4800 };
      const whole = `${folder}/${kind}`, stopped = `${folder}/${kind}, stopped`;
      const rows = await Array.fromAsync(teach(teacher, given, { folder: whole }));
      assertEquals(rows.map(({ windows }) => windows), [2341, 4682, 4800]);
      for (let round = 0; round < 4; round++) {
        const controller = new AbortController();
        const place = { folder: stopped, resume: round > 0, signal: controller.signal };
        const seen: number[] = [];
        for await (const { windows } of teach(teacher, given, place)) {
          seen.push(windows);
          controller.abort();
        }
        assertEquals(seen, rows.map(({ windows }) => windows).slice(round, round + 1));
      }
      assertEquals(await hashesOf(stopped), await hashesOf(whole));
      // The first windows that a run of the seed draws, and no others.
      using store = await LogitStore.open(whole);
      const batches = new Batches(long, { batch: 4800, sequence: 7, seed: 1 });
      store.check(batches.batch(0).tokens);
      const left = new Batches(long, { batch: 1, sequence: 7, seed: 1 }).batch(4800).tokens;
      await assertRejects(() => Promise.resolve().then(() => store.check(left)), Error, "it must hold every window");
    }
  }));

Deno.test("teach() refuses what fits neither teachers nor text, and teachers whose weights are no numbers", () =>
  inFolder(async (folder) => {
    const refused = (given: Partial<TeachOptions>, reason: string, model: Model | readonly Model[] = teacher) =>
      assertRejects(
        () => Array.fromAsync(teach(model, { ...options, ...given }, { folder: `${folder}/store` })),
        UsageError,
        reason,
      );
    await refused({ sequence: 8 }, "--sequence must be at most the teacher's 7, found 8; lower it");
    await refused({ k: 38 }, "--k must be at most the vocabulary's 37, found 38");
    await refused({ k: 65_536 }, "--k must be at most 65535 tokens, found 65536; lower it");
    await refused({ k: 256, kind: "sampled" }, "--k must be at most 255 draws, found 256");
    await refused({ windows: 24 }, "--windows must be at most the split's 23 of 7 tokens, found 24");
    const parameters = largeParameters(smallNeoX);
    parameters.get("embed_out.weight")![5] = NaN;
    using broken = await Model.create(device, smallNeoX, parameters);
    await refused({}, "the teacher's weights must be finite, found ", broken);
    await refused({}, "the teacher's weights must be finite, found ", [teacher, broken]);
    await refused({}, "it needs at least one teacher, found none", []);
    const shorter = { ...smallNeoX, sequence: 6 }, larger = { ...smallNeoX, vocabularySize: 38 };
    using short = await Model.create(device, shorter, largeParameters(shorter));
    await refused({ sequence: 7 }, "--sequence must be at most the teacher's 6, found 7", [teacher, short]);
    using wide = await Model.create(device, larger, largeParameters(larger));
    await refused({}, "teachers must have one vocabulary, found 37 and 38 tokens", [teacher, wide]);
    assertEquals(Array.from(Deno.readDirSync(folder)), []);
  }));
