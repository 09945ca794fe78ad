import { assert, assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { sizeOf } from "../../lib/graph/tensor.ts";
import { type Model, pageEntries, readPages, writePages } from "../../lib/model/model.ts";
import type { ParameterValues } from "../../lib/model/parameters.ts";
import { decayFlags, declareParameters, pageName, pagesOf } from "../../lib/model/pages.ts";
import { countParameters, parameterSpecs } from "../../lib/model/parameters.ts";
import { presets } from "../../lib/model/presets.ts";
import { TrainingStep } from "../../lib/train/training_step.ts";
import { constants } from "../train/float64_adamw.ts";
import { largeParameters, passOf, randomTokens, smallNeoX } from "./small_neox.ts";

/** Room for the largest parameter and little more: 37 x 24 padded to 896, 72 x 24 to 1728. */
const SMALL_PAGE = 2048;

for (const pageSize of [undefined, SMALL_PAGE]) {
  Deno.test(`parameters start at multiples of 64 values and do not overlap, in pages of ${pageSize ?? "1 GiB"}`, () => {
    const pages = pagesOf(smallNeoX, pageSize);
    const expected = parameterSpecs(smallNeoX);
    assertEquals(pages.placements.map(({ page: _, offset: __, ...spec }) => spec), expected);
    const ends = pages.sizes.map(() => 0);
    for (const { name, shape, page, offset } of pages.placements) {
      assertEquals(offset % 64, 0, name);
      assert(offset >= ends[page]!, `${name} begins at ${offset}, before the end of its neighbour`);
      ends[page] = offset + sizeOf(shape);
    }
    pages.sizes.forEach((size, page) => {
      assert(size % 64 === 0 && size - ends[page]! < 64 && size >= ends[page]!);
      if (pageSize) assert(size <= pageSize, `page ${page} has ${size} values`);
    });
    assertEquals(pages.sizes.length > 1, pageSize !== undefined);
  });
}

Deno.test("a page of the default size holds 268 million values, and the larger presets take several", () => {
  assertEquals(pagesOf(presets["160m"].config).sizes.length, 1);
  const { sizes } = pagesOf(presets["1b"].config);
  assertEquals(sizes.length, Math.ceil(countParameters(presets["1b"].config) / 2 ** 28));
  assert(sizes.every((size) => size <= 2 ** 28));
});

Deno.test("decay flags are one where matrices lie and zero where biases and norms do", () => {
  const pages = pagesOf(smallNeoX, SMALL_PAGE);
  const decays = pages.sizes.map((_, page) => decayFlags(pages, page));
  decays.forEach((flags, page) => assertEquals(flags.length, pages.sizes[page]! / 64));
  for (const { name, shape, page, offset } of pages.placements) {
    const own = decays[page]!.slice(offset / 64, Math.ceil((offset + sizeOf(shape)) / 64));
    assertEquals(new Set(own), new Set([shape.length === 2 ? 1 : 0]), name);
  }
});

Deno.test("declared parameters are views of their pages, by name", () => {
  const graph = new Graph();
  const pages = pagesOf(smallNeoX, SMALL_PAGE);
  const tensors = declareParameters(graph, pages, "gradients");
  for (const { name, shape, page, offset } of pages.placements) {
    const tensor = tensors.get(name)!;
    assertEquals([tensor.shape, tensor.offset, tensor.base.name], [shape, offset, pageName("gradients", page)]);
    assertEquals(tensor.role, "gradient");
  }
  assertThrows(() => graph.view(tensors.get("embed_out.weight")!.base, "misplaced", 32, [1]), RangeError);
});

Deno.test("training gives the same results, byte for byte, in one page and in many", async () => {
  using device = await openDevice("webgpu");
  const pass = passOf(randomTokens(smallNeoX, 2, smallNeoX.sequence + 1));
  const results: { loss: number; gradientNorm: number }[][] = [];
  const trained: ParameterValues[] = [];
  for (const pageSize of [undefined, SMALL_PAGE]) {
    const pages = pagesOf(smallNeoX, pageSize);
    using store = await device.createStore(pageEntries(pages, "parameters"));
    writePages(store, pages, "parameters", largeParameters(smallNeoX));
    const model: Model = {
      config: smallNeoX,
      device,
      pages,
      store,
      tokenizerJson: undefined,
      parameters: () => readPages(store, pages, "parameters"),
      [Symbol.dispose]() {},
    };
    const shape = { microBatch: 2, accumulation: 1, sequence: smallNeoX.sequence, clip: 0, pending: 3 };
    using step = await TrainingStep.create(model, { ...shape, ...constants });
    for (let i = 1; i <= 3; i++) step.submit([pass], 0.01, i);
    results.push(await step.drain());
    trained.push(await model.parameters());
  }
  assertEquals(results[1]!.map(({ loss }) => loss), results[0]!.map(({ loss }) => loss));
  assertEquals(trained[1], trained[0]);
  results[0]!.forEach(({ gradientNorm }, i) => {
    assert(Math.abs(results[1]![i]!.gradientNorm / gradientNorm - 1) < 1e-6);
  });
});
