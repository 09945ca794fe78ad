import { assert, assertEquals, assertRejects } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { forwardFlopsPerToken } from "../../lib/model/flops.ts";
import { Model } from "../../lib/model/model.ts";
import { calibrationWindows, inherit } from "../../lib/pipeline/inherit.ts";
import { extract } from "../../lib/subnet/extract.ts";
import { rescaleNorms } from "../../lib/subnet/repair/norms.ts";
import { refitProjections } from "../../lib/subnet/repair/projections.ts";
import { largeParameters, randomTokens, smallNeoX } from "../model/small_neox.ts";
import { upTo } from "../subnet/random_sub_network.ts";

const device = await openDevice("cpu");
Deno.test.afterAll(() => device[Symbol.dispose]());

const config = { ...smallNeoX, layers: 2 };
const teacher = await Model.create(device, config, largeParameters(config));
const heads = config.heads, headSize = config.width / heads, HIDDEN = 11, WIDTH = config.width - 3;
const block = { groups: upTo(heads), headsInGroup: [0], headDims: upTo(headSize), mlp: upTo(HIDDEN) };
const subNetwork = { layers: [1], width: upTo(WIDTH), blocks: [block] };
const windows = randomTokens(config, 4, config.sequence);

Deno.test("a student that inherits without a repair is the extracted one, and costs nothing", async () => {
  const { student, flops } = await inherit(teacher, subNetwork);
  using _ = student;
  using extracted = await extract(teacher, subNetwork);
  assertEquals(flops, 0);
  assertEquals(await student.parameters(), await extracted.parameters());
});

Deno.test("norms are rescaled before projections are refitted", async () => {
  using student = (await inherit(teacher, subNetwork, { norms: "rescale", refit: true, windows })).student;
  using expected = await extract(teacher, subNetwork);
  await rescaleNorms(teacher, expected, subNetwork, windows);
  await refitProjections(teacher, expected, subNetwork, windows);
  assertEquals(await student.parameters(), await expected.parameters());
});

Deno.test("the cost of a repair is that of its passes and of its equations", async () => {
  const tokens = windows.length * config.sequence;
  const withoutLogits = (each: typeof config) => forwardFlopsPerToken(each) - 2 * each.vocabularySize * each.width;
  const pass = tokens * withoutLogits(config);
  const rescaled = await inherit(teacher, subNetwork, { norms: "rescale", windows });
  rescaled.student[Symbol.dispose]();
  assertEquals(rescaled.flops, pass);
  const refitted = await inherit(teacher, subNetwork, { refit: true, windows });
  using student = refitted.student;
  const n = (config.parallelResidual ? heads * headSize : 0) + HIDDEN + 1;
  const products = 2 * tokens * n * n + 2 * tokens * n * WIDTH;
  const solution = n ** 3 / 3 + 2 * n * n * WIDTH;
  const own = tokens * withoutLogits(student.config as typeof config);
  assert(Math.abs(refitted.flops / (pass + own + products + solution) - 1) < 1e-12);
});

Deno.test("a repair without text is refused", async () => {
  await assertRejects(
    () => inherit(teacher, subNetwork, { refit: true }),
    RangeError,
    "Cannot repair a student: 'windows' must be calibration text, found none; give it some",
  );
});

Deno.test("calibration windows are whole, spread over the text, and none where there is too little", () => {
  const text = Uint16Array.from({ length: 101 }, (_, i) => i);
  assertEquals(calibrationWindows(text, 10, 25), [upTo(10), upTo(10).map((i) => 50 + i)]);
  assertEquals(calibrationWindows(text, 10, 1000).length, 10);
  assertEquals(calibrationWindows(text, 10, 9), []);
});
