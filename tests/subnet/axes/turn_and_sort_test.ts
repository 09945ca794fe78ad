import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { UsageError } from "../../../lib/cli/usage_error.ts";
import { openDevice } from "../../../lib/devices/mod.ts";
import { Model } from "../../../lib/model/model.ts";
import { hashParameters } from "../../../lib/model/parameter_hash.ts";
import { sortByImportance } from "../../../lib/subnet/axes/sort.ts";
import { turnFlops, turnToPrincipalAxes } from "../../../lib/subnet/axes/turn.ts";
import { turnable, turnAndSort } from "../../../lib/subnet/axes/turn_and_sort.ts";
import { importanceOf } from "../../../lib/subnet/importance/mod.ts";
import { largeParameters, randomTokens, smallNeoX } from "../../model/small_neox.ts";

const cpu = await openDevice("cpu", { threads: 1 });
Deno.test.afterAll(() => cpu[Symbol.dispose]());

const { sequence } = smallNeoX;
const windows = randomTokens(smallNeoX, 6, sequence);
const batches = windows.map((window) => [window]);
const hashOf = async (model: Model) => await hashParameters(await model.parameters());
const turning = turnFlops(smallNeoX, 6 * sequence, sequence);

Deno.test("a teacher is turned, and sorted by what matters in it once it is turned, and both are counted", async () => {
  using teacher = await Model.create(cpu, smallNeoX, largeParameters(smallNeoX));
  using turned = await turnToPrincipalAxes(teacher, windows);
  using expected = await sortByImportance(turned, await importanceOf(turned, batches));
  using found = await turnAndSort(teacher, {
    windows,
    score: async (model) => ({ scores: await importanceOf(model, batches), flops: 5 }),
  });
  assertEquals([await hashOf(found.model), found.flops], [await hashOf(expected), turning + 5]);
});

Deno.test("a teacher whose parts are not scored is turned, and its heads and neurons stand as they stood", async () => {
  using teacher = await Model.create(cpu, smallNeoX, largeParameters(smallNeoX));
  using expected = await turnToPrincipalAxes(teacher, windows);
  using found = await turnAndSort(teacher, { windows });
  assertEquals([await hashOf(found.model), found.flops], [await hashOf(expected), turning]);
  assertEquals(found.axes.variances.length, smallNeoX.width - 1);
});

Deno.test("the turned teacher is freed once it is sorted, and where it cannot be", async () => {
  using teacher = await Model.create(cpu, smallNeoX, largeParameters(smallNeoX));
  const before = cpu.counters.bytes;
  {
    using found = await turnAndSort(teacher, {
      windows,
      score: async (model) => ({ scores: await importanceOf(model, batches), flops: 0 }),
    });
    assertEquals(cpu.counters.bytes - before, found.model.store.bytes);
  }
  const score = () => Promise.reject(new RangeError("no scores"));
  await assertRejects(() => turnAndSort(teacher, { windows, score }), RangeError, "no scores");
  assertEquals(cpu.counters.bytes, before);
});

Deno.test("a teacher that cannot be turned is named by its folder, with a way out where there is one", async () => {
  const { "embed_out.weight": _, ...rest } = Object.fromEntries(largeParameters(smallNeoX));
  using tied = await Model.create(cpu, { ...smallNeoX, tiedEmbeddings: true }, new Map(Object.entries(rest)));
  const turn = () => turnAndSort(tied, { windows });
  const reason = "Cannot turn 'teachers/a' to principal axes: its output projection must be its own";
  await assertRejects(() => turnable("teachers/a", turn), UsageError, reason);
  const { message } = await assertRejects(() => turnable("teachers/a", turn, "--axes given"), UsageError);
  assertMatch(message, /^Cannot turn 'teachers\/a' .*; keep its axes as they are given: --axes given$/);
});
