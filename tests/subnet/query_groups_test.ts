import { assert, assertEquals } from "@std/assert";
import { Draws } from "../../lib/draws.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import { sizeOf } from "../../lib/graph/tensor.ts";
import { type BlockShape, queryGroupsOf } from "../../lib/model/block_shape.ts";
import type { GPTNeoXConfig } from "../../lib/model/config.ts";
import { forwardFlopsPerToken, trainingFlopsPerToken } from "../../lib/model/flops.ts";
import { logits, lossAndGradients } from "../../lib/model/forward.ts";
import { Model, pageEntries, readPages, writePages } from "../../lib/model/model.ts";
import { countParameters, parameterSpecs, type ParameterValues } from "../../lib/model/parameters.ts";
import {
  countSubNetworkParameters,
  subNetworkForwardFlopsPerToken,
  subNetworkTrainingFlopsPerToken,
} from "../../lib/subnet/counts.ts";
import { dimensionsOf } from "../../lib/subnet/dimensions.ts";
import { extract, scatterGradients } from "../../lib/subnet/extract.ts";
import { searchSpace, searchSpaceNames } from "../../lib/subnet/search_space.ts";
import { dot, normals } from "../ops/harness.ts";
import { largeParameters, randomTokens, relativeError, smallNeoX } from "../model/small_neox.ts";
import { sliced, zeroed } from "./oracles.ts";
import { upTo } from "./random_sub_network.ts";
import { ones } from "./teachers.ts";

function teacherOf(block: BlockShape) {
  const config: GPTNeoXConfig = { ...smallNeoX, layers: 3, width: 20, blocks: Array(3).fill(block) };
  return { config, weights: largeParameters(config) };
}

const shape = { headSize: 6, rotary: 4, mlpWidth: 9 };
const teachers = {
  "six heads in three query groups": teacherOf({ ...shape, heads: 6, queryGroups: 3 }),
  "six heads in two query groups": teacherOf({ ...shape, heads: 6, queryGroups: 2 }),
  "four heads in one query group": teacherOf({ ...shape, heads: 4, queryGroups: 1 }),
  "query groups, with frequencies and a scale of their own": teacherOf(
    { ...shape, heads: 4, queryGroups: 2, exponents: [0.1, 0.6], scale: 0.3 },
  ),
};
const SEEDS = [1, 2, 3];

for (const kind of ["webgpu", "cpu"] as const) {
  const device = await openDevice(kind);
  Deno.test.afterAll(() => device[Symbol.dispose]());

  for (const [name, of] of Object.entries(teachers)) {
    const { config, weights } = of;
    const teacher = await Model.create(device, config, weights);
    const tokens = randomTokens(config, 2, config.sequence + 1);
    const inputs = tokens.map((row) => row.slice(0, -1));

    /** Members of all spaces, which keep the whole width where their function is compared with the teacher's. */
    const members = (stream: string, fixed: readonly "width"[] = []) =>
      searchSpaceNames.flatMap((space) => {
        const pairs = space.startsWith("fine");
        const all = searchSpace(space, dimensionsOf(config), { steps: ones, fixed, pairs });
        return SEEDS.map((seed) => all.sample(new Draws(seed, `${space} ${stream}`)));
      });

    Deno.test(`a student of ${name} has the weights that its sub-network keeps, and costs what is counted (${kind})`, async () => {
      for (const subNetwork of members("weights")) {
        using student = await extract(teacher, subNetwork);
        assertEquals(await student.parameters(), sliced(of, subNetwork), JSON.stringify(subNetwork));
        const specs = parameterSpecs(student.config).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
        assertEquals(countSubNetworkParameters(subNetwork, config), specs);
        assertEquals(countParameters(student.config), specs);
        assertEquals(subNetworkForwardFlopsPerToken(subNetwork, config, 5), forwardFlopsPerToken(student.config, 5));
        assertEquals(subNetworkTrainingFlopsPerToken(subNetwork, config, 5), trainingFlopsPerToken(student.config, 5));
      }
    });

    Deno.test(`a student of ${name} computes what the teacher does with zeros for what is lost (${kind})`, async () => {
      for (const subNetwork of members("function", ["width"])) {
        using student = await extract(teacher, subNetwork);
        using masked = await Model.create(device, config, zeroed(of, subNetwork));
        const error = relativeError(await logits(student, inputs), await logits(masked, inputs));
        assert(error < 1e-5, `${JSON.stringify(subNetwork)}: relative error ${error}`);
      }
    });

    Deno.test(`scattering gradients is the adjoint of extracting from ${name}, and lost weights get zeros (${kind})`, async () => {
      const places = new Map([...weights].map(([name, { length }]) => [name, Float32Array.from(upTo(length))]));
      for (const subNetwork of members("adjoint")) {
        using student = await extract(teacher, subNetwork);
        const kept = await student.parameters();
        const small = new Map([...kept].map(([name, { length }]) => [name, normals(`small ${name}`, length)]));
        using near = await device.createStore(pageEntries(student.pages, "gradients"));
        using far = await device.createStore(pageEntries(teacher.pages, "gradients"));
        writePages(near, student.pages, "gradients", small);
        await scatterGradients(teacher, student, subNetwork, { teacher: far, student: near });
        const large = await readPages(far, teacher.pages, "gradients");
        const product = (a: ParameterValues, b: ParameterValues) =>
          [...a].reduce((sum, [name, values]) => sum + dot(values, b.get(name)!), 0);
        const [expected, found] = [product(kept, small), product(weights, large)];
        assert(Math.abs(found - expected) < 1e-9 * product(small, small), `${found}, expected ${expected}`);
        for (const [name, values] of sliced({ config, weights: places }, subNetwork)) {
          const from = name.replace(/layers\.(\d+)/, (_, layer) => `layers.${subNetwork.layers[Number(layer)]}`);
          values.forEach((place, i) => {
            assertEquals(large.get(from)![place], small.get(name)![i]);
            large.get(from)![place] = 0;
          });
        }
        for (const [name, values] of large) assert(values.every((value) => value === 0), `${name} beyond what is kept`);
      }
    });

    Deno.test(`gradients of a student of ${name} are the masked teacher's where weights are kept (${kind})`, async () => {
      for (const subNetwork of members("gradients", ["width"]).filter((_, i) => i % SEEDS.length === 0)) {
        using student = await extract(teacher, subNetwork);
        using masked = await Model.create(device, config, zeroed(of, subNetwork));
        const own = (await lossAndGradients(student, tokens)).gradients;
        const { gradients: all } = await lossAndGradients(masked, tokens);
        for (const [name, values] of sliced({ config, weights: all }, subNetwork)) {
          const error = relativeError(own.get(name)!, values);
          assert(error < 1e-4, `${name}: relative error ${error}`);
        }
      }
    });

    Deno.test(`keeping all of ${name} is the teacher, bit for bit (${kind})`, async () => {
      const whole = searchSpace("coarse-uniform", dimensionsOf(config)).largest();
      using student = await extract(teacher, whole);
      assertEquals(student.config.blocks, config.blocks);
      assertEquals(await logits(student, inputs), await logits(teacher, inputs));
    });

    Deno.test(`a student of one head in each query group has multi-head attention, in ${name} (${kind})`, async () => {
      const { groups, headsInGroup } = dimensionsOf(config);
      const block = { groups: upTo(groups), headsInGroup: [headsInGroup - 1], headDims: upTo(6), mlp: upTo(9) };
      const subNetwork = { layers: upTo(3), width: upTo(20), blocks: Array(3).fill(block) };
      using student = await extract(teacher, subNetwork);
      for (const shape of student.config.blocks!) {
        assertEquals([shape.heads, queryGroupsOf(shape), shape.queryGroups], [groups, groups, undefined]);
      }
      using masked = await Model.create(device, config, zeroed(of, subNetwork));
      assert(relativeError(await logits(student, inputs), await logits(masked, inputs)) < 1e-5);
    });
  }
}
