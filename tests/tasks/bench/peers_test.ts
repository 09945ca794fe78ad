import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { runPeer } from "../../../tasks/bench/peers/mod.ts";
import { parseShapeFlags, shapeFlags } from "../../../tasks/bench/peers/shape.ts";

const shape = { vocab: 50, width: 24, layers: 2, heads: 3, batch: 2, seq: 7 };

/** The parameters of an untied GPT with biases everywhere but in its head. */
function parameterCount({ vocab, width, layers }: typeof shape): number {
  return 2 * vocab * width + 2 * width + layers * (12 * width ** 2 + 13 * width);
}

Deno.test("a shape survives the way through flags", () => {
  assertEquals(parseShapeFlags(shapeFlags(shape, 5)), { shape, steps: 5 });
});

Deno.test("a shape that no peer could train is refused by name", () => {
  const parse = (change: Partial<typeof shape>) => () => parseShapeFlags(shapeFlags({ ...shape, ...change }, 5));
  assertThrows(parse({ heads: 5 }), RangeError, "Cannot read --heads: must divide the width 24, found 5");
  assertThrows(parse({ seq: 0 }), RangeError, "Cannot read --seq: must be a positive integer, found '0'");
  assertThrows(() => parseShapeFlags(["--vocab=9"]), RangeError, "Cannot read --width");
});

/** What a peer says that is not there. */
const ABSENT = { jax: /^$/, tfjs: /^$/, torch: /apt-get install .*torch/, cuda: /^no Python was found whose PyTorch/ };

for (const name of ["jax", "tfjs", "torch", "cuda"] as const) {
  Deno.test(`the ${name} peer trains the model asked for, or says how to get it`, async () => {
    const result = await runPeer(name, shape, 1);
    if ("error" in result) {
      assertMatch(result.error, ABSENT[name]);
      return;
    }
    assertEquals([result.shape, result.params], [shape, parameterCount(shape)]);
    const [first, , third] = result.losses;
    assert(third! < first!, `the loss rises from ${first} to ${third}`);
    assert(result.tokens_per_s > 0);
  });
}

Deno.test("a peer that fails is reported with its own reason", async () => {
  assertEquals(await runPeer("tfjs", { ...shape, heads: 5 }, 1), {
    error: "RangeError: Cannot read --heads: must divide the width 24, found 5",
  });
});
