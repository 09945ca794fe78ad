import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Draws } from "../../lib/draws.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import type { GPTNeoXConfig } from "../../lib/model/config.ts";
import { logits, lossAndGradients } from "../../lib/model/forward.ts";
import { Model, pageEntries, readPages, writePages } from "../../lib/model/model.ts";
import { forwardFlopsPerToken } from "../../lib/model/flops.ts";
import { countParameters, parameterSpecs, type ParameterValues } from "../../lib/model/parameters.ts";
import { countSubNetworkParameters, subNetworkForwardFlopsPerToken } from "../../lib/subnet/counts.ts";
import { dimensionsOf } from "../../lib/subnet/dimensions.ts";
import { extract, Extraction, scatterGradients } from "../../lib/subnet/extract.ts";
import { IllegalSubNetworkError } from "../../lib/subnet/illegal_sub_network_error.ts";
import type { SubNetwork } from "../../lib/subnet/sub_network.ts";
import { dot, normals } from "../ops/harness.ts";
import { largeParameters, randomTokens, relativeError, smallNeoX } from "../model/small_neox.ts";
import { sliced as slicedOf, zeroed as zeroedOf } from "./oracles.ts";
import { randomSubNetwork, upTo } from "./random_sub_network.ts";

const teacherConfig: GPTNeoXConfig = { ...smallNeoX, layers: 3, width: 36, heads: 3, rotaryFraction: 0.5 };
const dimensions = dimensionsOf(teacherConfig);
const weights = largeParameters(teacherConfig);
const tokens = randomTokens(teacherConfig, 3, teacherConfig.sequence + 1);
const inputs = tokens.map((row) => row.slice(0, -1));
const SEEDS = [1, 2, 3, 4, 5, 6];

/** The oracles of this teacher. */
const whole = { config: teacherConfig, weights };
const sliced = (subNetwork: SubNetwork) => slicedOf(whole, subNetwork);
const zeroed = (subNetwork: SubNetwork) => zeroedOf(whole, subNetwork);

for (const kind of ["webgpu", "cpu"] as const) {
  const device = await openDevice(kind);
  const teacher = await Model.create(device, teacherConfig, weights);
  Deno.test.afterAll(() => device[Symbol.dispose]());

  Deno.test(`a student has exactly the weights that its sub-network keeps (${kind})`, async () => {
    for (const seed of SEEDS) {
      const subNetwork = randomSubNetwork(dimensions, new Draws(seed, "weights"), { layers: true, width: true });
      using student = await extract(teacher, subNetwork);
      assertEquals(await student.parameters(), sliced(subNetwork), `seed ${seed}`);
      assertEquals(countSubNetworkParameters(subNetwork, teacherConfig), countParameters(student.config));
      assertEquals(
        subNetworkForwardFlopsPerToken(subNetwork, teacherConfig, 5),
        forwardFlopsPerToken(student.config, 5),
      );
    }
  });

  Deno.test(`a student of full width computes what the teacher does with zeros for what is lost (${kind})`, async () => {
    for (const seed of SEEDS) {
      const subNetwork = randomSubNetwork(dimensions, new Draws(seed, "function"), { layers: true });
      using student = await extract(teacher, subNetwork);
      using masked = await Model.create(device, teacherConfig, zeroed(subNetwork));
      const error = relativeError(await logits(student, inputs), await logits(masked, inputs));
      assert(error < 1e-5, `seed ${seed}: relative error ${error}`);
    }
  });

  Deno.test(`rebuilt frequencies or scales are another function than the teacher's (${kind})`, async () => {
    const headDims = [0, 3, ...upTo(12).slice(6)];
    const block = { groups: [0, 1, 2], headsInGroup: [0], headDims, mlp: upTo(50) };
    const subNetwork = { layers: [0, 1, 2], width: upTo(36), blocks: [block, block, block] };
    using masked = await Model.create(device, teacherConfig, zeroed(subNetwork));
    const expected = await logits(masked, inputs);
    for (const options of [{ scale: "rebuild" }, { rope: "rebuild" }] as const) {
      using student = await extract(teacher, subNetwork, options);
      assert(relativeError(await logits(student, inputs), expected) > 1e-3, JSON.stringify(options));
    }
  });

  Deno.test(`keeping all of a teacher is the teacher, bit for bit (${kind})`, async () => {
    const { groups, headSize, layers, width, mlp } = dimensions;
    const block = { groups: upTo(groups), headsInGroup: [0], headDims: upTo(headSize), mlp: upTo(mlp) };
    const whole = { layers: upTo(layers), width: upTo(width), blocks: upTo(layers).map(() => block) };
    using student = await extract(teacher, whole);
    assertEquals(student.config, teacherConfig);
    assertEquals(await logits(student, inputs), await logits(teacher, inputs));
  });

  Deno.test(`scattering gradients is the adjoint of extracting weights, and touches nothing else (${kind})`, async () => {
    for (const seed of SEEDS) {
      const subNetwork = randomSubNetwork(dimensions, new Draws(seed, "adjoint"), { layers: true, width: true });
      using student = await extract(teacher, subNetwork);
      const small = new Map(
        [...await student.parameters()].map(([name, values]) => [name, normals(`small ${name}`, values.length)]),
      );
      using near = await device.createStore(pageEntries(student.pages, "gradients"));
      using far = await device.createStore(pageEntries(teacher.pages, "gradients"));
      writePages(near, student.pages, "gradients", small);
      await scatterGradients(teacher, student, subNetwork, { teacher: far, student: near });
      const large = await readPages(far, teacher.pages, "gradients");
      const product = (a: ParameterValues, b: ParameterValues) =>
        [...a].reduce((sum, [name, values]) => sum + dot(values, b.get(name)!), 0);
      const [expected, found] = [product(sliced(subNetwork), small), product(weights, large)];
      assert(Math.abs(found - expected) < 1e-9 * Math.abs(product(small, small)), `${found}, expected ${expected}`);
      const sizes = [large, small].map((values) =>
        [...values.values()].flatMap((all) => [...all]).filter((x) => x !== 0)
      );
      assertEquals(sizes[0]!.length, sizes[1]!.length, "every gradient lands in a place of its own");
    }
  });

  Deno.test(`a student's gradients are the masked teacher's where weights are kept (${kind})`, async () => {
    const subNetwork = randomSubNetwork(dimensions, new Draws(9, "gradients"), { layers: true });
    using student = await extract(teacher, subNetwork);
    using masked = await Model.create(device, teacherConfig, zeroed(subNetwork));
    const own = await lossAndGradients(student, tokens);
    const { gradients: all } = await lossAndGradients(masked, tokens);
    using cut = await extract(await Model.create(device, teacherConfig, all), subNetwork);
    const kept = await cut.parameters();
    for (const { name } of parameterSpecs(student.config)) {
      const error = relativeError(own.gradients.get(name)!, kept.get(name)!);
      assert(error < 1e-4, `${name}: relative error ${error}`);
    }
  });

  Deno.test(`sub-networks of one shape take turns in a student, and nothing is compiled for it (${kind})`, async () => {
    const whole = randomSubNetwork(dimensions, new Draws(1, "turns"), {});
    const shift = (list: readonly number[], size: number) =>
      list.map((index) => (index + 1) % size).sort((a, b) => a - b);
    const other: SubNetwork = {
      ...whole,
      blocks: whole.blocks.map((block) => ({ ...block, mlp: shift(block.mlp, dimensions.mlp) })),
    };
    using extraction = await Extraction.create(teacher, whole);
    extraction.fill(whole);
    const before = { ...device.counters };
    extraction.fill(other);
    const { buffers, pipelines, bindGroups, waits, bytes } = { ...device.counters };
    assertEquals([buffers, pipelines, bindGroups, waits, bytes], [
      ...[before.buffers, before.pipelines, before.bindGroups, before.waits, before.bytes],
    ]);
    assertEquals(await extraction.student.parameters(), sliced(other));
    const fewer = { ...other, layers: [0, 2], blocks: other.blocks.slice(1) };
    assertThrows(() => extraction.fill(fewer), RangeError, "layers must be 0, 1, 2, found 0, 2");
    const { blocks: [first, ...rest] } = other;
    const shorter = { ...other, blocks: [{ ...first!, mlp: first!.mlp.slice(1) }, ...rest] };
    assertThrows(() => extraction.fill(shorter), RangeError, "Cannot set input mlp.0");
    const beyond = { ...other, width: [...other.width.slice(1), dimensions.width] };
    assertThrows(
      () => extraction.fill(beyond),
      IllegalSubNetworkError,
      "must be a whole number from 0 to 35, found 36",
    );
  });

  Deno.test(`extraction frees what it allocates (${kind})`, async () => {
    const { bytes } = device.counters;
    const subNetwork = randomSubNetwork(dimensions, new Draws(4, "bytes"), { layers: true, width: true });
    const student = await extract(teacher, subNetwork);
    student[Symbol.dispose]();
    using _ = await Extraction.create(teacher, subNetwork);
    _[Symbol.dispose]();
    assertEquals(device.counters.bytes, bytes);
  });

  Deno.test(`a model whose blocks have shapes of their own is no teacher (${kind})`, async () => {
    const subNetwork = randomSubNetwork(dimensions, new Draws(2, "twice"), {});
    using student = await extract(teacher, subNetwork);
    await assertRejects(() => extract(student, subNetwork), RangeError, "the blocks of a teacher must be alike");
  });
}
