import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  checkConfig,
  type GPTNeoXConfig,
  headSize,
  rotaryDimensions,
  rotaryFractionOf,
} from "../../lib/model/config.ts";
import { areAlike } from "../../lib/model/block_shape.ts";
import { blockShapes, withQueryGroups } from "../../lib/model/blocks.ts";
import { presets } from "../../lib/model/presets.ts";

const { config } = presets.small;

Deno.test("head size and rotary dimensions follow from width, heads and share", () => {
  assertEquals(headSize(config), 32);
  assertEquals(rotaryDimensions(config), 8);
  assertEquals(rotaryDimensions({ ...config, rotaryFraction: 1 }), 32);
});

Deno.test("every even number of dimensions of every head is some share of it", () => {
  for (let size = 2; size <= 300; size++) {
    for (let dimensions = 2; dimensions <= size; dimensions += 2) {
      const rotaryFraction = rotaryFractionOf(dimensions, size);
      assertEquals(rotaryDimensions({ ...config, width: size, heads: 1, rotaryFraction }), dimensions);
      assert(rotaryFraction <= 1);
    }
  }
});

Deno.test("a config that keeps the rules is returned as it is", () => {
  assertEquals(checkConfig(config), config);
});

const block = { heads: 3, headSize: 10, rotary: 4, mlpWidth: 50 };
const twoLayers = { layers: 2, width: 25, blocks: [block, { ...block, exponents: [0, 0.75] }] };

Deno.test("blocks have shapes of their own, whatever heads and width say", () => {
  assertEquals(blockShapes(checkConfig({ ...config, ...twoLayers })), twoLayers.blocks);
});

Deno.test("without shapes of their own all blocks are alike", () => {
  const all = Array(4).fill({ heads: 4, headSize: 32, rotary: 8, mlpWidth: 512 });
  assertEquals(blockShapes(config), all);
});

Deno.test("query groups give a model blocks, as many groups as heads give it none", () => {
  const grouped = withQueryGroups(config, 2);
  assertEquals(grouped.blocks, Array(4).fill({ heads: 4, queryGroups: 2, headSize: 32, rotary: 8, mlpWidth: 512 }));
  assertEquals(withQueryGroups(config, 4), config);
  assertEquals(blockShapes(withQueryGroups(grouped, 4)), blockShapes(config));
  assertEquals(checkConfig(grouped), grouped);
});

Deno.test("blocks are alike where their shapes are, however query groups are written", () => {
  assert(areAlike([block, { ...block, queryGroups: 3 }]));
  for (const change of [{ queryGroups: 1 }, { heads: 4 }, { exponents: [0, 0.5] }, { scale: 0.5 }, { mlpWidth: 1 }]) {
    assert(!areAlike([block, { ...block, ...change }]), JSON.stringify(change));
  }
});

const broken: [changes: Partial<GPTNeoXConfig>, message: string][] = [
  [{ width: 12.5 }, "'width' must be a positive integer, found 12.5"],
  [{ layers: 0 }, "'layers' must be a positive integer, found 0"],
  [{ vocabularySize: NaN }, "'vocabularySize' must be a positive integer, found NaN"],
  [{ heads: 3 }, "'heads' must be a divisor of 'width' = 128, found 3"],
  [{ rotaryFraction: 0.1 }, "rotates an even number of dimensions, at least 2, found 0.1, which rotates 3"],
  [{ rotaryFraction: 0.01 }, "at least 2, found 0.01, which rotates 0"],
  [{ rotaryFraction: 1.5 }, "'rotaryFraction' must be at most 1, found 1.5"],
  [{ epsilon: 0 }, "'epsilon' must be a finite number above 0, found 0"],
  [{ rotaryBase: Infinity }, "'rotaryBase' must be a finite number above 0, found Infinity"],
  [{ blocks: [block] }, "'blocks' must be 4 shapes, one for each layer, found 1"],
  [{ layers: 1, blocks: [{ ...block, heads: 0 }] }, "'blocks[0].heads' must be a positive integer, found 0"],
  [{ layers: 1, blocks: [{ ...block, rotary: 3 }] }, "'blocks[0].rotary' must be even and at most the head size 10"],
  [{ layers: 1, blocks: [{ ...block, rotary: 12 }] }, "'blocks[0].rotary' must be even and at most the head size 10"],
  [{ layers: 1, blocks: [{ ...block, exponents: [1] }] }, "must be one for each of the 2 pairs, found 1"],
  [{ layers: 1, blocks: [{ ...block, exponents: [0, -1] }] }, "must be finite numbers from 0, found -1"],
  [{ layers: 1, blocks: [{ ...block, scale: 0 }] }, "'blocks[0].scale' must be a finite number above 0, found 0"],
  [{ layers: 1, blocks: [{ ...block, queryGroups: 2 }] }, "'blocks[0].queryGroups' must be a divisor of its 3 heads"],
  [{ layers: 1, blocks: [{ ...block, queryGroups: 0 }] }, "must be a divisor of its 3 heads, found 0"],
  [{ layers: 1, blocks: [{ ...block, queryGroups: 1.5 }] }, "must be a divisor of its 3 heads, found 1.5"],
  [{ eosToken: 2048 }, "'eosToken' must be a token id below 2048, found 2048"],
];

for (const [changes, message] of broken) {
  Deno.test(`a config with ${JSON.stringify(changes)} is refused with the rule and the value`, () => {
    assertThrows(() => checkConfig({ ...config, ...changes }), RangeError, message);
  });
}
