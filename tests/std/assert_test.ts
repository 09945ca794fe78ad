import * as std from "@std/assert";
import { assert, assertEquals, AssertionError, assertRejects, assertThrows } from "@std/assert";

Deno.test("the linked assertions pass what holds and throw at what does not", () => {
  const cases: Record<string, [holds: () => void, fails: () => void]> = {
    assert: [() => assert(1), () => assert(0)],
    assertFalse: [() => std.assertFalse(0), () => std.assertFalse(1)],
    assertEquals: [
      () => assertEquals({ a: [1] }, { a: [1] }),
      () => assertEquals(new Float32Array(1), new Float32Array(2)),
    ],
    assertNotEquals: [() => std.assertNotEquals([1], [2]), () => std.assertNotEquals([1], [1])],
    assertStrictEquals: [() => std.assertStrictEquals(1, 1), () => std.assertStrictEquals([1], [1])],
    assertNotStrictEquals: [() => std.assertNotStrictEquals([1], [1]), () => std.assertNotStrictEquals(1, 1)],
    assertAlmostEquals: [() => std.assertAlmostEquals(1, 1.01, 0.1), () => std.assertAlmostEquals(1, 1.01)],
    assertGreater: [() => std.assertGreater(2, 1), () => std.assertGreater(1, 1)],
    assertGreaterOrEqual: [() => std.assertGreaterOrEqual(1, 1), () => std.assertGreaterOrEqual(0, 1)],
    assertLess: [() => std.assertLess(0, 1), () => std.assertLess(1, 1)],
    assertLessOrEqual: [() => std.assertLessOrEqual(1, 1), () => std.assertLessOrEqual(2, 1)],
    assertExists: [() => std.assertExists(0), () => std.assertExists(null)],
    assertInstanceOf: [() => std.assertInstanceOf([], Array), () => std.assertInstanceOf({}, Array)],
    assertIsError: [
      () => std.assertIsError(new RangeError("too wide"), RangeError, /wide/),
      () => std.assertIsError(new TypeError("too wide"), RangeError),
    ],
    assertStringIncludes: [() => std.assertStringIncludes("abc", "b"), () => std.assertStringIncludes("abc", "d")],
    assertMatch: [() => std.assertMatch("abc", /b/), () => std.assertMatch("abc", /d/)],
    assertNotMatch: [() => std.assertNotMatch("abc", /d/), () => std.assertNotMatch("abc", /b/)],
    assertArrayIncludes: [() => std.assertArrayIncludes([1, 2], [2]), () => std.assertArrayIncludes([1, 2], [3])],
    assertObjectMatch: [
      () => std.assertObjectMatch({ a: 1, b: 2 }, { a: 1 }),
      () => std.assertObjectMatch({ a: 1 }, { a: 2 }),
    ],
    fail: [() => {}, () => std.fail("no")],
    unreachable: [() => {}, () => std.unreachable()],
  };
  for (const [name, [holds, fails]] of Object.entries(cases)) {
    holds();
    let thrown: unknown;
    try {
      fails();
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof AssertionError)) throw new Error(`${name} let pass what does not hold`);
  }
});

Deno.test("assertThrows and assertRejects hand back the error, typed by the class asked for", async () => {
  class Refused extends Error {
    override readonly name = "Refused";
    readonly status = 7;
  }
  const refuse = (): never => {
    throw new Refused("not today");
  };
  assertEquals(assertThrows(refuse, Refused, "today").status, 7);
  assertEquals((await assertRejects(() => Promise.reject(new Refused("not today")), Refused, "today")).status, 7);
  assertThrows(() => assertThrows(refuse, RangeError), AssertionError);
  await assertRejects(() => assertRejects(() => Promise.resolve()), AssertionError);
});

Deno.test("assertions narrow types", () => {
  const value: string | number | undefined = [3, "three"][0];
  std.assertExists(value);
  assert(typeof value === "number");
  assertEquals(value.toFixed(1), "3.0");
});
