import { assert, assertEquals } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { EnsemblePass } from "../../lib/distill/ensemble_pass.ts";
import { chunkOf, EntriesPass, MOST_ENTRIES, type Windows } from "../../lib/distill/entries_pass.ts";
import { selectTop } from "./select_top.ts";
import { type Entries, entriesFor, rowsOfEntries } from "../../lib/distill/store/records.ts";
import { Model } from "../../lib/model/model.ts";
import { largeParameters, randomTokens, smallNeoX } from "../model/small_neox.ts";
import { assertClose } from "../ops/harness.ts";

const { sequence, vocabularySize: vocabulary } = smallNeoX;
const shapes = [smallNeoX, { ...smallNeoX, width: 16, heads: 2 }, { ...smallNeoX, layers: 1 }];
const windows = randomTokens(smallNeoX, 29, sequence).map((row) => Uint32Array.from(row));
const batch = 12;
/** 84 positions each, which is more than a chunk of 64, then fewer windows than a batch, and again all of them. */
const passes: Windows[] = [windows.slice(0, 12), windows.slice(12, 17), windows.slice(17)];

const OPENED = {
  "webgpu, an invocation a row": await openDevice("webgpu", { tiled: [] }),
  "webgpu, a workgroup a row": await openDevice("webgpu", { tiled: ["topEntries"] }),
  cpu: await openDevice("cpu"),
};

for (const [name, device] of Object.entries(OPENED)) {
  Deno.test.afterAll(() => device[Symbol.dispose]());

  for (const count of [1, 3]) {
    Deno.test(`a pass keeps of ${count} teachers what a sort of all their probabilities does (${name})`, async () => {
      using models = new DisposableStack();
      const teachers: Model[] = [];
      for (const shape of shapes.slice(0, count)) {
        teachers.push(models.use(await Model.create(device, shape, largeParameters(shape))));
      }
      const options = { batch, sequence, temperature: 2 };
      using whole = await EnsemblePass.create(teachers, options);
      for (const [k, chunk] of [[5, undefined], [vocabulary, 64], [1, 64]] as const) {
        const expected: Entries[] = [];
        for (const windows of passes) expected.push(await selected(whole, windows, k));
        using pass = await EntriesPass.create(teachers, { ...options, k, ...(chunk && { chunk }) });
        const found = await Array.fromAsync(pass.run(passes));
        assertEquals(found.map(({ windows }) => windows), passes);
        found.forEach(({ entries: { ids, masses } }, i) => {
          assertEquals(ids, expected[i]!.ids, `ids of pass ${i}`);
          assertClose(masses, expected[i]!.masses, `masses of pass ${i}`, 2e-6);
        });
      }
    });
  }

  Deno.test(`what a pass finds stays as it was while the next ones run (${name})`, async () => {
    using teacher = await Model.create(device, smallNeoX, largeParameters(smallNeoX));
    using pass = await EntriesPass.create([teacher], { batch, sequence, temperature: 1, k: 3 });
    const alone: Entries[] = [];
    for (const windows of passes) for await (const { entries } of pass.run([windows])) alone.push(entries);
    const together = (await Array.fromAsync(pass.run(passes))).map(({ entries }) => entries);
    assertEquals(together, alone);
    assert(alone[0]!.ids.join() !== alone[2]!.ids.join());
  });

  Deno.test(`a pass that its caller leaves can be run again (${name})`, async () => {
    using teacher = await Model.create(device, smallNeoX, largeParameters(smallNeoX));
    using pass = await EntriesPass.create([teacher], { batch, sequence, temperature: 1, k: 3 });
    const first = async () => {
      for await (const { entries } of pass.run(passes)) return entries;
    };
    assertEquals(await first(), await first());
  });
}

Deno.test("chunks are as few as fit the device's memory and one part of a read, and about equally long", () => {
  assertEquals([chunkOf(2048, 2048, 64), chunkOf(16_384, 2048, 64), chunkOf(84, 37, 5)], [2048, 8192, 128]);
  assertEquals([chunkOf(2048, 50_304, 64), chunkOf(2048, 2048, 2048)], [320, 1024]);
  for (const k of [64, 8000, 50_304, MOST_ENTRIES]) {
    for (const vocabulary of [50_304, 65_536, 300_000].filter((each) => each >= k)) {
      const chunk = chunkOf(2048, vocabulary, k);
      assert(chunk > 0 && chunk % 64 === 0 && 4 * (k + 1) * chunk <= 2 ** 24, `${k} of ${vocabulary}: ${chunk}`);
      assert(chunk === 64 || 4 * vocabulary * chunk <= 2 ** 26, `${k} of ${vocabulary}: ${chunk}`);
    }
  }
});

/** What of whole probabilities is kept. */
async function selected(pass: EnsemblePass, windows: Windows, k: number): Promise<Entries> {
  const all = entriesFor(windows.length * sequence, k);
  for await (const { first, probabilities } of pass.run(windows)) {
    for (let at = 0; at * vocabulary < probabilities.length; at++) {
      const row = probabilities.subarray(at * vocabulary, (at + 1) * vocabulary);
      selectTop(row, k, rowsOfEntries(all, k, first + at, 1));
    }
  }
  return all;
}
