import { assert, assertEquals, assertRejects } from "@std/assert";
import { openDevice } from "../../../lib/devices/mod.ts";
import { withQueryGroups } from "../../../lib/model/blocks.ts";
import type { GPTNeoXConfig } from "../../../lib/model/config.ts";
import { logits } from "../../../lib/model/forward.ts";
import { Model } from "../../../lib/model/model.ts";
import { sortByImportance } from "../../../lib/subnet/axes/sort.ts";
import { dimensionsOf } from "../../../lib/subnet/dimensions.ts";
import { extract } from "../../../lib/subnet/extract.ts";
import { importanceOf } from "../../../lib/subnet/importance/mod.ts";
import { type Importance, orderedBy, prefixOf } from "../../../lib/subnet/orders.ts";
import { searchSpace } from "../../../lib/subnet/search_space.ts";
import { onEach } from "../../devices/on_each.ts";
import { largeParameters, randomTokens, relativeError, smallNeoX } from "../../model/small_neox.ts";
import { normals } from "../../ops/harness.ts";
import { ones } from "../teachers.ts";

const multiHead: GPTNeoXConfig = { ...smallNeoX, heads: 6, rotaryFraction: 0.5 };
const configs: Record<string, GPTNeoXConfig> = {
  "heads of their own keys": multiHead,
  "three query groups": withQueryGroups(multiHead, 3),
  "one query group": withQueryGroups(multiHead, 1),
};
const text = randomTokens(smallNeoX, 4, smallNeoX.sequence);
const sizes = (kept: { groups: number; headsInGroup: number }) => ({
  width: smallNeoX.width,
  blocks: Array(smallNeoX.layers).fill({ ...kept, headDims: 4, mlp: 17 }),
});

/** Scores in no order, others in each layer. */
function scoresOf(config: GPTNeoXConfig): Importance {
  const { layers, width, groups, headsInGroup, headSize, mlp } = dimensionsOf(config);
  const scores = (name: string, count: number) => normals(name, count);
  return {
    ...{ layers: scores("layers", layers), width: scores("width", width) },
    blocks: Array.from({ length: layers }, (_, i) => ({
      groups: scores(`groups ${i}`, groups),
      headsInGroup: scores(`heads ${i}`, headsInGroup),
      headDims: scores(`dims ${i}`, headSize),
      mlp: scores(`mlp ${i}`, mlp),
    })),
  };
}

for (const [title, config] of Object.entries(configs)) {
  onEach(`a teacher with ${title} that is sorted has the logits that it had, and other weights`, async (device) => {
    using teacher = await Model.create(device, config, largeParameters(config));
    using sorted = await sortByImportance(teacher, scoresOf(config));
    assert(relativeError(await logits(sorted, text), await logits(teacher, text)) < 1e-5);
    const name = "gpt_neox.layers.1.attention.query_key_value.weight";
    assert(relativeError((await sorted.parameters()).get(name)!, (await teacher.parameters()).get(name)!) > 0.1);
  });

  onEach(`the first indices of a sorted teacher with ${title} are its most important ones`, async (device) => {
    using teacher = await Model.create(device, config, largeParameters(config));
    const importance = scoresOf(config);
    using sorted = await sortByImportance(teacher, importance);
    const space = searchSpace("fine-layerwise", dimensionsOf(config), { steps: ones });
    const { groups, headsInGroup } = dimensionsOf(config);
    for (
      const kept of [{ groups, headsInGroup }, { groups: Math.min(2, groups), headsInGroup: Math.min(2, headsInGroup) }]
    ) {
      const [best, first] = [orderedBy(importance)(sizes(kept), space), prefixOf(sizes(kept), space)];
      using expected = await extract(teacher, best);
      using student = await extract(sorted, first);
      assert(relativeError(await logits(student, text), await logits(expected, text)) < 1e-5);
      const values = await expected.parameters();
      for (const [name, found] of await student.parameters()) {
        assertEquals(found.toSorted(), values.get(name)!.toSorted(), name);
      }
    }
  });
}

Deno.test("scores of a sorted teacher fall from the first head and neuron to the last", async () => {
  using device = await openDevice("cpu");
  using teacher = await Model.create(device, multiHead, largeParameters(multiHead));
  const calibration = randomTokens(multiHead, 4, multiHead.sequence + 1).map((row) => [row]);
  for (const method of ["activation", "taylor"] as const) {
    using sorted = await sortByImportance(teacher, await importanceOf(teacher, calibration, method));
    for (const { groups, mlp } of (await importanceOf(sorted, calibration, method)).blocks) {
      for (const scores of [groups, mlp].map((list) => Array.from(list))) {
        assert(scores.every((score, i) => i === 0 || score <= scores[i - 1]! * (1 + 1e-4)), `${method}: ${scores}`);
      }
    }
  }
});

Deno.test("scores of another teacher are refused", async () => {
  using device = await openDevice("cpu");
  using teacher = await Model.create(device, multiHead, largeParameters(multiHead));
  await assertRejects(
    () => sortByImportance(teacher, scoresOf(smallNeoX)),
    RangeError,
    "'blocks[0].groups' must be a list of 6 scores, found 3",
  );
});
