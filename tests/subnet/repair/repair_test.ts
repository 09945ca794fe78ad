import { assert, assertEquals, assertRejects } from "@std/assert";
import { Draws } from "../../../lib/draws.ts";
import { openDevice } from "../../../lib/devices/mod.ts";
import type { GPTNeoXConfig } from "../../../lib/model/config.ts";
import { capture, logits } from "../../../lib/model/forward.ts";
import { Model } from "../../../lib/model/model.ts";
import { dimensionsOf } from "../../../lib/subnet/dimensions.ts";
import { extract } from "../../../lib/subnet/extract.ts";
import { rescaleNorms } from "../../../lib/subnet/repair/norms.ts";
import { refitProjections } from "../../../lib/subnet/repair/projections.ts";
import { largeParameters, randomTokens, relativeError, smallNeoX } from "../../model/small_neox.ts";
import { randomSubNetwork, upTo } from "../random_sub_network.ts";

const device = await openDevice("cpu");
Deno.test.afterAll(() => device[Symbol.dispose]());

for (const parallelResidual of [true, false]) {
  const form = parallelResidual ? "parallel" : "sequential";
  const config: GPTNeoXConfig = { ...smallNeoX, layers: 3, rotaryFraction: 0.5, parallelResidual };
  const teacher = await Model.create(device, config, largeParameters(config));
  const sequences = randomTokens(config, 2, config.sequence);
  const dimensions = dimensionsOf(config);

  /** The kept columns of the teacher's activations. */
  const keptOf = (values: Float32Array, kept: readonly number[]) =>
    Float32Array.from(
      { length: values.length / config.width * kept.length },
      (_, i) => values[Math.floor(i / kept.length) * config.width + kept[i % kept.length]!]!,
    );

  Deno.test(`on a single token, the first norms give to kept dimensions what the teacher's gave (${form})`, async () => {
    const width = upTo(config.width).filter((i) => i % 3 !== 1);
    const block = { groups: upTo(3), headsInGroup: [0], headDims: upTo(8), mlp: upTo(50) };
    const subNetwork = { layers: [0, 1, 2], width, blocks: [block, block, block] };
    using student = await extract(teacher, subNetwork);
    const name = "blocks.0.attention_norm";
    const expected = keptOf((await capture(teacher, [[5]], [name])).get(name)!, width);
    const before = relativeError((await capture(student, [[5]], [name])).get(name)!, expected);
    await rescaleNorms(teacher, student, subNetwork, [[5]]);
    const after = relativeError((await capture(student, [[5]], [name])).get(name)!, expected);
    assert(before > 0.05 && after < 1e-6, `relative error ${before}, then ${after}`);
  });

  Deno.test(`norms stay as they are where all width is kept (${form})`, async () => {
    const subNetwork = randomSubNetwork(dimensions, new Draws(1, "norms"), { layers: true });
    using student = await extract(teacher, subNetwork);
    const before = await student.parameters();
    await rescaleNorms(teacher, student, subNetwork, sequences);
    for (const [name, values] of await student.parameters()) {
      assert(relativeError(values, before.get(name)!) < 1e-6, name);
    }
  });

  Deno.test(`with fewer tokens than neurons, a refitted student's stream is the teacher's (${form})`, async () => {
    for (const seed of [1, 2, 3]) {
      const drawn = randomSubNetwork(dimensions, new Draws(seed, "refit"), { layers: true });
      const width = upTo(config.width).filter((i) => i % 5 !== seed);
      const subNetwork = { ...drawn, width, blocks: drawn.blocks.map((block) => ({ ...block, mlp: upTo(50) })) };
      using student = await extract(teacher, subNetwork);
      const last = `blocks.${subNetwork.layers.length - 1}.output`;
      const expected = keptOf(
        (await capture(teacher, sequences, ["blocks.2.output"])).get("blocks.2.output")!,
        subNetwork.width,
      );
      const before = relativeError((await capture(student, sequences, [last])).get(last)!, expected);
      await refitProjections(teacher, student, subNetwork, sequences, { ridge: 1e-5 });
      const after = relativeError((await capture(student, sequences, [last])).get(last)!, expected);
      assert(before > 0.1 && after < 1e-2, `seed ${seed}: relative error ${before}, then ${after}`);
    }
  });

  Deno.test(`a heavy ridge leaves the inherited weights alone (${form})`, async () => {
    const subNetwork = randomSubNetwork(dimensions, new Draws(5, "ridge"), { width: true });
    using student = await extract(teacher, subNetwork);
    const before = await logits(student, sequences);
    await refitProjections(teacher, student, subNetwork, sequences, { ridge: 1e9 });
    assert(relativeError(await logits(student, sequences), before) < 1e-5);
  });

  Deno.test(`a student that kept everything needs no refit (${form})`, async () => {
    const { groups, headSize, mlp } = dimensions;
    const block = { groups: upTo(groups), headsInGroup: [0], headDims: upTo(headSize), mlp: upTo(mlp) };
    const whole = { layers: upTo(3), width: upTo(config.width), blocks: [block, block, block] };
    using student = await extract(teacher, whole);
    const before = await student.parameters();
    await refitProjections(teacher, student, whole, sequences);
    assertEquals(await student.parameters(), before);
  });
}

Deno.test("a ridge that would not hold the weights is refused", async () => {
  const config = { ...smallNeoX, layers: 1 };
  using teacher = await Model.create(device, config, largeParameters(config));
  const subNetwork = randomSubNetwork(dimensionsOf(config), new Draws(1, "refused"), {});
  using student = await extract(teacher, subNetwork);
  await assertRejects(
    () => refitProjections(teacher, student, subNetwork, [[1, 2]], { ridge: 0 }),
    RangeError,
    "'ridge' must be at least 0.00001, found 0",
  );
});
