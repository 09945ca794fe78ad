import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Draws } from "../../../lib/draws.ts";
import { forwardFlopsPerToken } from "../../../lib/model/flops.ts";
import { dimensionsOf } from "../../../lib/subnet/dimensions.ts";
import { checkLatencyModel, fitLatencyModel, predictLatency } from "../../../lib/subnet/latency/model.ts";
import { latencyTerms, latencyTermsOf } from "../../../lib/subnet/latency/terms.ts";
import { searchSpace } from "../../../lib/subnet/search_space.ts";
import type { SubNetwork } from "../../../lib/subnet/sub_network.ts";
import { smallNeoX } from "../../model/small_neox.ts";

const config = { ...smallNeoX, layers: 6 };
const space = searchSpace("fine-layerwise", dimensionsOf(config), { steps: { width: 2, mlp: 2 } });
const draws = new Draws(4, "latency");
const members = [space.largest(), space.smallest(), ...Array.from({ length: 22 }, () => space.sample(draws))];
const conditions = { batch: 2, sequence: 5, device: "a device", flops: 7 };
const coefficients = { pass: 0.2, layers: 0.05, products: 900, attention: 4000, traffic: 300, head: 600 };

const milliseconds = (subNetwork: SubNetwork) =>
  latencyTermsOf(subNetwork, config, conditions).reduce(
    (sum, value, i) => sum + coefficients[latencyTerms[i]!] * value,
    0,
  );
const timed = members.map((subNetwork) => ({ subNetwork, milliseconds: milliseconds(subNetwork) }));

Deno.test("a fit to timings that terms add up to finds their coefficients, and predicts what it has not seen", () => {
  const model = fitLatencyModel(timed, config, conditions);
  for (const term of latencyTerms) {
    assertAlmostEquals(model.coefficients[term] / coefficients[term], 1, 1e-5, term);
  }
  assert(model.worstError < 1e-6, `${model.worstError}`);
  const { batch, sequence, device, flops } = model;
  assertEquals([{ batch, sequence, device, flops }, model.members], [conditions, members.length]);
  for (let i = 0; i < 5; i++) {
    const other = space.sample(draws);
    assertAlmostEquals(predictLatency(model, other, config) / milliseconds(other), 1, 1e-6);
  }
});

Deno.test("errors are those of sub-networks that the fit has not seen", () => {
  const [first, ...others] = timed;
  const wrong = { ...first!, milliseconds: 1.5 * first!.milliseconds };
  const model = fitLatencyModel([wrong, ...others], config, conditions);
  const without = fitLatencyModel(others, config, conditions);
  const error = Math.abs(predictLatency(without, wrong.subNetwork, config) / wrong.milliseconds - 1);
  assertAlmostEquals(error, 1 / 3, 1e-6);
  assert(model.worstError >= error - 1e-9, `${model.worstError} and ${error}`);
  assert(model.meanError >= error / timed.length - 1e-9, `${model.meanError}`);
});

Deno.test("the terms are the FLOPs that a forward pass is counted to have, apart", () => {
  const [pass, layers, products, attention, , head] = latencyTermsOf(space.largest(), config, conditions);
  assertEquals([pass, layers], [1, config.layers]);
  const flops = 10 * forwardFlopsPerToken(config, conditions.sequence) / 1e9;
  assertAlmostEquals(products! + attention! + head!, flops, 1e-12);
});

Deno.test("whatever was measured, no prediction grows when layers are removed or a dimension shrinks", () => {
  const noisy = timed.map((sample) => ({ ...sample, milliseconds: sample.milliseconds * (0.2 + 2 * draws.uniform()) }));
  const model = fitLatencyModel(noisy, config, conditions);
  const { layers, width, blocks } = space.largest();
  let before = Infinity;
  for (let kept = layers.length; kept > 0; kept--) {
    const found = predictLatency(
      model,
      { layers: layers.slice(0, kept), width, blocks: blocks.slice(0, kept) },
      config,
    );
    assert(found > 0 && found <= before, `${found} after ${before}`);
    before = found;
  }
  for (let trial = 0; trial < 30; trial++) {
    const member = space.sample(draws), smaller = space.shrink(member, draws);
    if (!smaller) continue;
    // Sums of other terms may round to another last digit.
    assert(predictLatency(model, smaller, config) <= predictLatency(model, member, config) * (1 + 1e-12));
  }
});

Deno.test("a model survives JSON, and what is none is refused", () => {
  const model = fitLatencyModel(timed, config, conditions);
  const kept = checkLatencyModel(JSON.parse(JSON.stringify(model)));
  assertEquals(kept, model);
  assertEquals(predictLatency(kept, members[5]!, config), predictLatency(model, members[5]!, config));
  const wrong: [unknown, string][] = [
    [undefined, "Cannot use the latency model: it must be what a measurement gave, found nothing"],
    [
      { ...model, coefficients: { ...model.coefficients, head: -1 } },
      "Cannot use 'coefficients.head' of the latency model",
    ],
    [{ ...model, batch: 0 }, "Cannot use 'batch' of the latency model"],
  ];
  for (const [value, reason] of wrong) assertThrows(() => checkLatencyModel(value), RangeError, reason);
});

Deno.test("no samples and times that are none are refused", () => {
  assertThrows(
    () => fitLatencyModel([], config, conditions),
    RangeError,
    "there must be at least one sample, found none",
  );
  for (const milliseconds of [0, NaN, Infinity]) {
    const samples = [{ subNetwork: members[0]!, milliseconds }];
    const reason = `milliseconds must be above 0 and finite, found ${milliseconds}`;
    assertThrows(() => fitLatencyModel(samples, config, conditions), RangeError, reason);
  }
});
