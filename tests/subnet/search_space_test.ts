import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { Draws } from "../../lib/draws.ts";
import { presets } from "../../lib/model/presets.ts";
import { checkSubNetwork } from "../../lib/subnet/check.ts";
import { countSubNetworkParameters } from "../../lib/subnet/counts.ts";
import { dimensionsOf } from "../../lib/subnet/dimensions.ts";
import { prefixOf } from "../../lib/subnet/orders.ts";
import { searchSpace, type SearchSpaceName, type SearchSpaceOptions } from "../../lib/subnet/search_space.ts";
import { sizesOf, type SubNetworkSizes } from "../../lib/subnet/sizes.ts";
import type { SubNetwork } from "../../lib/subnet/sub_network.ts";
import type { SubNetworkSpace } from "../../lib/subnet/sub_network_space.ts";
import { type Case, cases, isMember, listsOf, membersOf, sizesIn, teachers, teacherSize } from "./teachers.ts";

const { config } = presets.tiny;

function assertMember(member: SubNetwork, of: Case): void {
  assertEquals(checkSubNetwork(member, of.dimensions, of.options), member);
  assert(isMember(member, of), `${JSON.stringify(member)} is none of ${of.title}`);
}

/** The lists in which two members of the same layers differ. */
function changes(a: SubNetwork, b: SubNetwork, { space: { uniform } }: Case) {
  const others = listsOf(b, uniform);
  return listsOf(a, uniform)
    .map(([dimension, from], i) => ({ dimension, from, to: others[i]![1] }))
    .filter(({ from, to }) => String(from) !== String(to));
}

/** Checks that layers which stay keep their blocks, and that new ones have the sizes of the nearest. */
function assertBlocksFollow(parent: SubNetwork, child: SubNetwork): void {
  const [before, after] = [sizesOf(parent), sizesOf(child)];
  for (const [i, layer] of child.layers.entries()) {
    const stays = parent.layers.indexOf(layer);
    if (stays >= 0) assertEquals(child.blocks[i], parent.blocks[stays]);
    else {
      const distance = Math.min(...parent.layers.map((other) => Math.abs(other - layer)));
      const near = parent.layers.flatMap((other, at) => Math.abs(other - layer) === distance ? [at] : []);
      assert(near.some((at) => String(Object.values(before.blocks[at]!)) === String(Object.values(after.blocks[i]!))));
    }
  }
}

/** Checks that one list has changed and nothing else, and returns how. */
function oneChange(parent: SubNetwork, child: SubNetwork, of: Case) {
  if (String(parent.layers) !== String(child.layers)) {
    assertEquals(child.width, parent.width);
    assertBlocksFollow(parent, child);
    return { dimension: "layers" as const, from: parent.layers, to: child.layers };
  }
  const [change, ...others] = changes(parent, child, of);
  assertEquals(others, []);
  assert(change, "nothing has changed");
  return change;
}

function smallestInAllLayers(space: SubNetworkSpace): SubNetworkSizes {
  const { width, blocks } = sizesOf(space.smallest());
  return { width, blocks: Array(space.dimensions.layers).fill(blocks[0]) };
}

/** Goes on from a member until there is no further one. */
function last(member: SubNetwork, next: (member: SubNetwork) => SubNetwork | undefined): SubNetwork {
  for (let at = member;;) {
    const further = next(at);
    if (!further) return at;
    at = further;
  }
}

for (const each of cases) {
  const { title, space, dimensions } = each;

  Deno.test(`samples are members, and the same ones for the same draws: ${title}`, () => {
    const members = membersOf(each, 60);
    for (const member of members) assertMember(member, each);
    assertEquals(membersOf(each, 60), members);
    assert(new Set(members.map((member) => space.textOf(member))).size > 1);
  });

  Deno.test(`the smallest and the largest member have the first and the last sizes: ${title}`, () => {
    const [smallest, largest] = [space.smallest(), space.largest()];
    assertMember(smallest, each);
    assertMember(largest, each);
    for (const [dimension, list] of listsOf(smallest, false)) assertEquals(list.length, sizesIn(dimension, each)[0]);
    for (const [dimension, list] of listsOf(largest, false)) {
      assertEquals(list.length, teacherSize(dimension, dimensions));
    }
  });

  Deno.test(`a mutation changes one list to another of the space: ${title}`, () => {
    const draws = new Draws(2, title);
    for (const parent of membersOf(each, 60)) {
      const text = space.textOf(parent);
      const child = space.mutate(parent, draws);
      assertMember(child, each);
      oneChange(parent, child, each);
      assertEquals(space.textOf(parent), text);
    }
  });

  Deno.test(`growing and shrinking go one size up and down in one list: ${title}`, () => {
    const draws = new Draws(3, title);
    for (const parent of membersOf(each, 60)) {
      for (const by of [1, -1] as const) {
        const child = by > 0 ? space.grow(parent, draws) : space.shrink(parent, draws);
        if (!child) continue;
        assertMember(child, each);
        const { dimension, from, to } = oneChange(parent, child, each);
        const sizes = sizesIn(dimension, each);
        assertEquals(sizes.indexOf(to.length), sizes.indexOf(from.length) + by);
        const [few, many] = by > 0 ? [from, to] : [to, from];
        assert(each.options.pairs || few.every((index) => many.includes(index)));
        const added = countSubNetworkParameters(child, config) - countSubNetworkParameters(parent, config);
        assertEquals(Math.sign(added), by);
      }
    }
  });

  Deno.test(`shrinking ends at the smallest sizes and growing at the teacher: ${title}`, () => {
    const draws = new Draws(4, title);
    for (const member of membersOf(each, 5)) {
      const least = last(member, (at) => space.shrink(at, draws));
      assertEquals(sizesOf(least), sizesOf(space.smallest()));
      if (!space.fine) assertEquals(least, space.smallest());
      assertEquals(last(least, (at) => space.grow(at, draws)), space.largest());
    }
  });

  Deno.test(`a child of two members has each list from either: ${title}`, () => {
    const draws = new Draws(5, title);
    const members = membersOf(each, 60);
    for (const [i, a] of members.entries()) {
      const b = members[(i + 1) % members.length]!;
      const child = space.crossOver(a, b, draws);
      assertMember(child, each);
      const parent = String(child.layers) === String(a.layers) ? a : b;
      assertEquals(child.layers, parent.layers);
      assert([a, b].some(({ width }) => String(width) === String(child.width)));
      for (const [at, block] of child.blocks.entries()) {
        const candidates = [a, b].flatMap(({ layers, blocks }) =>
          layers.flatMap((layer, j) => space.uniform || layer === child.layers[at] ? [blocks[j]!] : [])
        );
        const whole = candidates.some((other) => JSON.stringify(other) === JSON.stringify(block));
        const parts = Object.entries(block).every(([dimension, list]) =>
          candidates.some((other) => String(other[dimension as keyof typeof other]) === String(list))
        );
        assert(space.uniform ? parts : whole);
      }
    }
    const [a, b] = [space.largest(), prefixOf(smallestInAllLayers(space), space)];
    const children = Array.from({ length: 40 }, () => space.textOf(space.crossOver(a, b, draws)));
    assert(new Set(children).size > 2, "parents of the same layers have more children than themselves");
    assertEquals(space.crossOver(a, a, draws), a);
  });
}

Deno.test("children take layers, width and blocks from one parent as often as from the other", () => {
  const draws = new Draws(10, "either");
  for (const { space } of cases.filter(({ options }) => options.smallest)) {
    const [a, b] = [space.largest(), prefixOf(smallestInAllLayers(space), space)];
    const [whole, least] = [a, space.smallest()];
    const children = Array.from({ length: 400 }, () => space.crossOver(a, b, draws));
    const others = Array.from({ length: 400 }, () => space.crossOver(whole, least, draws));
    const shares = [
      children.filter(({ width }) => width === a.width),
      children.filter(({ blocks }) => blocks[1]!.mlp === a.blocks[1]!.mlp),
      others.filter(({ layers }) => layers === whole.layers),
    ].map(({ length }) => length);
    for (const share of shares) assert(Math.abs(share - 200) < 40, `${shares}`); // four standard deviations
  }
});

Deno.test("a fine space mutates indices as often as sizes, and leaves those of the other dimensions alone", () => {
  const space = searchSpace("fine-uniform", teachers.multiHead, { fixed: ["layers", "groups", "headDims", "mlp"] });
  const draws = new Draws(6, "halves");
  const parent = { ...space.largest(), width: [0, 1, 2, 5, 6, 11, 12, 17] };
  const children = Array.from({ length: 400 }, () => space.mutate(parent, draws));
  const exchanged = children.filter(({ width }) => width.length === 8);
  assert(Math.abs(exchanged.length - 200) < 40, `${exchanged.length} of 400`); // four standard deviations
  assert(exchanged.every(({ width }) => String(width) !== String(parent.width)));
});

Deno.test("sampled widths are log-uniform and other sizes uniform", () => {
  const dimensions = { ...teachers.multiHead, width: 64, mlp: 32 };
  const space = searchSpace("coarse-uniform", dimensions);
  const draws = new Draws(7, "sizes");
  const members = Array.from({ length: 4000 }, () => sizesOf(space.sample(draws)));
  const inverses = Array.from({ length: 8 }, (_, i) => 1 / (i + 1)).reduce((sum, inverse) => sum + inverse);
  for (const step of [1, 2, 4, 8]) {
    const share = members.filter(({ width }) => width === 8 * step).length / 4000;
    assert(Math.abs(share - 1 / step / inverses) < 0.03, `width ${8 * step}: ${share}`);
  }
  for (const size of [8, 16, 24, 32]) {
    const share = members.filter(({ blocks }) => blocks[0]!.mlp === size).length / 4000;
    assert(Math.abs(share - 0.25) < 0.03, `mlp ${size}: ${share}`);
  }
});

Deno.test("only pass-through dimensions of heads are dropped unless pairs are allowed", () => {
  const draws = new Draws(8, "rotary");
  const dimensions = dimensionsOf(presets.teacher.config);
  const whole = searchSpace("fine-layerwise", dimensions);
  const dropping = searchSpace("fine-layerwise", dimensions, { pairs: true });
  const rotated = ({ blocks }: SubNetwork) => blocks.map(({ headDims }) => headDims.filter((dim) => dim < 8).length);
  const most = Array.from({ length: 20 }, () => rotated(whole.sample(draws))).flat();
  const some = Array.from({ length: 20 }, () => rotated(dropping.sample(draws))).flat();
  assertEquals(new Set(most), new Set([8]));
  assertEquals(new Set(some), new Set([2, 4, 6, 8]));
});

Deno.test("a space of one member mutates it into itself and goes no way", () => {
  const fixed = ["layers", "width", "groups", "headsInGroup", "headDims", "mlp"] as const;
  const space = searchSpace("fine-layerwise", teachers.odd, { fixed });
  const draws = new Draws(9, "one");
  assertEquals(space.mutate(space.largest(), draws), space.smallest());
  assertEquals([space.grow(space.largest(), draws), space.shrink(space.largest(), draws)], [undefined, undefined]);
  assertEquals([...space.enumerate()], [space.largest()]);
});

Deno.test("spaces have different members", () => {
  const members = cases.filter(({ options }) => options.pairs === undefined && !options.rope)
    .map((each) => JSON.stringify(membersOf(each, 5)));
  assertEquals(new Set(members).size, members.length);
  const [one, two] = [new Draws(1, "a"), new Draws(2, "a")].map((draws) => cases[0]!.space.sample(draws));
  assertNotEquals(one, two);
});

Deno.test("a space that cannot be is refused", () => {
  const wrong: [name: string, options: object, message: string][] = [
    ["fine", {}, 'Cannot find search space "fine": it must be one of coarse-uniform, coarse-layerwise, fine-uniform'],
    ["fine-uniform", { steps: { width: 0 } }, "'steps.width' must be a whole number of at least 1, found 0"],
    ["fine-uniform", { steps: { mlp: 1.5 } }, "'steps.mlp' must be a whole number of at least 1, found 1.5"],
    ["fine-uniform", { smallest: { mlp: 99 } }, "'smallest.mlp' must be a whole number from 1 to the teacher's 18"],
    ["fine-uniform", { steps: { heads: 2 } }, "'steps' must be about dimensions (layers, width, groups, headsInGroup"],
    ["fine-uniform", { fixed: ["depth"] }, `headDims, mlp), found "depth"`],
    ["fine-uniform", { rope: "drop" }, `'rope' must be "keep" or "rebuild", found "drop"`],
    ["coarse-uniform", { pairs: true }, "Cannot make search space coarse-uniform: 'pairs' must be false where"],
    ["fine-uniform", { pairs: true, rope: "rebuild" }, "'pairs' must be false where"],
  ];
  for (const [name, options, message] of wrong) {
    const make = () => searchSpace(name as SearchSpaceName, teachers.multiHead, options as SearchSpaceOptions);
    assertThrows(make, RangeError, message);
  }
});
