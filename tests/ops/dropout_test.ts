import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { add } from "../../lib/ops/add/mod.ts";
import { dropout } from "../../lib/ops/dropout/mod.ts";
import { assertClose, compute, constant, dot, normals, valuesOf } from "./harness.ts";

const device = await openDevice("webgpu");

/** Which of the first values stay: the hash in whole numbers without a limit, kept within 32 bits by remainders. */
function mask(size: number, [first, second]: readonly [number, number], site: number, rate: number): boolean[] {
  const word = (value: bigint) => value % 2n ** 32n;
  const mix = (bits: bigint) => {
    const once = word((bits ^ bits / 2n ** 16n) * 0x7feb352dn);
    const twice = word((once ^ once / 2n ** 15n) * 0x846ca68bn);
    return twice ^ twice / 2n ** 16n;
  };
  return Array.from({ length: size }, (_, i) => {
    const inner = mix(word(BigInt(i) + BigInt(first)));
    return mix(word(inner + BigInt(second) + BigInt(site) * 0x9e3779b9n)) >= BigInt(Math.floor(rate * 2 ** 32));
  });
}

const KEY = [0x12345678, 0xfedcba98] as const;
const keyOf = (graph: Graph, key: readonly [number, number] = KEY) =>
  graph.constant(`key ${key}`, [2], Uint32Array.from(key));

/** What stays of ones. */
async function keptOf(size: number, rate: number, key: readonly [number, number], site = 0): Promise<Float32Array> {
  const graph = new Graph();
  const ones = graph.constant("ones", [size], new Float32Array(size).fill(1));
  const [kept] = await compute(device, graph, [dropout(ones, { rate, key: keyOf(graph, key), site })]);
  return kept!;
}

for (const shape of [[1], [5, 7], [3, 66], [129, 257]]) {
  Deno.test(`dropout() of ${shape.join(" x ")} values keeps those its hash says, and so does its gradient`, async () => {
    const graph = new Graph();
    const [x, residual, dy] = ["x", "residual", "dy"].map((name) => constant(graph, name, shape));
    const key = keyOf(graph);
    const [plain, joined] = [
      dropout(x!, { rate: 0.3, key, site: 5 }),
      dropout(x!, { rate: 0.3, key, site: 5, residual: residual! }),
    ];
    const gradients = differentiate(graph, { of: joined, wrt: [x!, residual!], upstream: dy! });
    const tensors = [plain, joined, gradients.get(x!)!, gradients.get(residual!)!];
    const [y, sum, dx, dresidual] = await compute(device, graph, tensors);
    const stays = mask(x!.size, KEY, 5, 0.3);
    const kept = (values: ArrayLike<number>) => stays.map((stay, i) => stay ? values[i]! / 0.7 : 0);
    const expected = kept(valuesOf(x!));
    assertClose(y!, expected, "y", 2e-7);
    assertClose(sum!, expected.map((value, i) => value + valuesOf(residual!)[i]!), "y with a residual", 2e-7);
    assertClose(dx!, kept(valuesOf(dy!)), "dx", 2e-7);
    assertEquals(dresidual, valuesOf(dy!));
  });
}

Deno.test("dropout() adds its gradient to what there is, in place where that is an accumulator", async () => {
  const graph = new Graph();
  const [x, dy] = [constant(graph, "x", [5, 7]), constant(graph, "dy", [5, 7])];
  const options = { rate: 0.5, key: keyOf(graph) };
  const sum = graph.persistent("sum", [5, 7], "gradient");
  const fresh = differentiate(graph, { of: dropout(x, options), wrt: [x], upstream: dy }).get(x)!;
  const both = differentiate(graph, { of: add(dropout(x, options), x), wrt: [x], upstream: dy }).get(x)!;
  differentiate(graph, { of: dropout(x, options), wrt: [x], upstream: dy, into: new Map([[x, sum]]) });
  const before = normals("before", 35);
  const [alone, joined, total] = await compute(device, graph, [fresh, both, sum], { persistent: { sum: before } });
  assertClose(joined!, alone!.map((value, i) => value + valuesOf(dy)[i]!), "two uses", 1e-6);
  assertClose(total!, alone!.map((value, i) => value + before[i]!), "accumulator", 1e-6);
});

Deno.test("dropout() of rate 0 keeps every value as it is", async () => {
  assertEquals(await keptOf(1000, 0, KEY), new Float32Array(1000).fill(1));
});

for (const rate of [0.1, 0.5, 0.9]) {
  Deno.test(`dropout() drops a share of ${rate}, and keeps the mean`, async () => {
    const size = 100_000;
    const kept = await keptOf(size, rate, [1, 2]);
    const deviation = Math.sqrt(rate * (1 - rate) / size);
    assertAlmostEquals(kept.filter((value) => value === 0).length / size, rate, 4 * deviation);
    assertAlmostEquals(kept.reduce((sum, value) => sum + value, 0) / size, 1, 4 * deviation / (1 - rate));
  });
}

Deno.test("masks of other keys and other sites, and shifted masks, have nothing in common", async () => {
  const size = 50_000;
  const centred = async (...given: Parameters<typeof keptOf>) => (await keptOf(...given)).map((value) => value - 1);
  const one = await centred(size, 0.5, [1, 2]);
  const others = {
    "both words": await centred(size, 0.5, [2, 3]),
    "second word": await centred(size, 0.5, [1, 3]),
    site: await centred(size, 0.5, [1, 2], 1),
  };
  for (const [name, other] of Object.entries(others)) {
    for (let shift = 0; shift < 4; shift++) {
      const correlation = dot(one.subarray(shift), other) / size;
      assert(Math.abs(correlation) < 4.5 / Math.sqrt(size), `${name} shifted by ${shift}: ${correlation}`);
    }
  }
});

Deno.test("dropout() refuses a rate of 1 and what has the wrong size", () => {
  const graph = new Graph();
  const x = constant(graph, "x", [4, 3]);
  const key = keyOf(graph);
  assertThrows(() => dropout(x, { rate: 1, key }), RangeError, "'rate' must be at least 0 and below 1, found 1");
  assertThrows(() => dropout(x, { rate: NaN, key }), RangeError, "'rate' must be at least 0");
  assertThrows(() => dropout(x, { rate: 0.1, key: x }), RangeError, "'key' must be u32 [2], found x [4, 3]");
  const residual = constant(graph, "residual", [4]);
  assertThrows(() => dropout(x, { rate: 0.1, key, residual }), RangeError, "'residual' must have 12 values");
});
