import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { Draws } from "../../lib/draws.ts";
import { Fitter } from "../../lib/search/fit.ts";
import type { SearchSpace } from "../../lib/search/space.ts";
import { type Sizes, sizesSpace, type Subsets, subsetsSpace } from "./synthetic_spaces.ts";

const coarse = { space: sizesSpace([6, 8, 8, 8]), cost: ([depth, a, b, c]: Sizes) => depth! * a! * (b! + c!) };
const fine = { space: subsetsSpace([6, 5, 5]), cost: ([a, b, c]: Subsets) => a!.length * (b!.length + c!.length) };

function fitMany<G>(space: SearchSpace<G>, fitter: Fitter<G>, count: number): (G | undefined)[] {
  const draws = new Draws(4, "fit");
  return Array.from({ length: count }, () => fitter.fit(space.sample(draws), draws));
}

Deno.test("members from anywhere in a space are brought into the bin, hardly any is rejected", () => {
  for (const bin of [{ least: 180, most: 200 }, { least: 250, most: 252 }, { least: 2, most: 6 }]) {
    const fitter = new Fitter(coarse, bin);
    const found = fitMany(coarse.space, fitter, 300).filter((member) => member !== undefined);
    for (const member of found) {
      const cost = coarse.cost(member);
      assert(cost >= bin.least && cost <= bin.most, `${cost} is outside of ${bin.least} to ${bin.most}`);
      member.forEach((size, i) => assert(size >= 1 && size <= [6, 8, 8, 8][i]!));
    }
    assertEquals(fitter.rejected, 300 - found.length);
    assertGreater(found.length, 290);
  }
});

Deno.test("free subsets are brought into a bin of a single cost", () => {
  const fitter = new Fitter(fine, { least: 24, most: 24 });
  const found = fitMany(fine.space, fitter, 100).filter((member) => member !== undefined);
  assertGreater(found.length, 95);
  for (const member of found) assertEquals(fine.cost(member), 24);
});

Deno.test("a member of the bin stays as it is, and takes no draws", () => {
  const draws = new Draws(1, "fit");
  const member = [3, 4, 4, 4];
  assertEquals(new Fitter(coarse, { least: 96, most: 96 }).fit(member, draws), member);
  assertEquals(draws.uniform(), new Draws(1, "fit").uniform());
});

Deno.test("a mutation keeps the budget: what one dimension takes, others give", () => {
  const draws = new Draws(2, "mutations");
  const fitter = new Fitter(coarse, { least: 90, most: 102 });
  const parent = [3, 4, 4, 4];
  const children = Array.from({ length: 200 }, () => fitter.fit(coarse.space.mutate(parent, draws), draws));
  const changes = children.map((child) => child?.filter((size, i) => size !== parent[i]).length ?? 0);
  assertEquals(fitter.rejected, 0);
  assertGreater(changes.filter((count) => count >= 2).length, 100);
});

Deno.test("an unreachable bin is counted, and told with what can be reached", () => {
  const bin = { least: 246, most: 249 };
  const fitter = new Fitter(coarse, bin);
  assertEquals(fitMany(coarse.space, fitter, 100).filter((member) => member !== undefined), []);
  assertEquals(fitter.rejected, 100);
  const costs = [...coarse.space.enumerate()].map(coarse.cost);
  const below = Math.max(...costs.filter((cost) => cost < bin.least));
  const above = Math.min(...costs.filter((cost) => cost > bin.most));
  assertEquals(
    fitter.unreachable().message,
    "Cannot search the bin: it must hold a member of the space, found none that costs 246 to 249; costs reach from 2 " +
      `to 768, and the nearest found are ${below} below and ${above} above; move or widen the bin`,
  );
});

Deno.test("costs that lead nowhere end in a rejection instead of a walk without end", () => {
  const noisy = { space: coarse.space, cost: () => 5 };
  assertEquals(new Fitter(noisy, { least: 1, most: 2 }).fit([2, 2, 2, 2], new Draws(1, "fit")), undefined);
  const wandering: SearchSpace<Sizes> = { ...coarse.space, shrink: (parent) => parent };
  const fitter = new Fitter({ space: wandering, cost: coarse.cost }, { least: 1, most: 2 });
  assertEquals(fitter.fit([2, 2, 2, 2], new Draws(1, "fit")), undefined);
  assertEquals(fitter.rejected, 1);
});

Deno.test("a cost that is no number is refused", () => {
  const fitter = new Fitter({ space: coarse.space, cost: () => NaN }, { least: 1, most: 2 });
  const rule = "Cannot search: 'cost' must return a finite number, found NaN";
  assertThrows(() => fitter.fit([1, 1, 1, 1], new Draws(1, "fit")), RangeError, rule);
});
