import { assert, assertEquals } from "@std/assert";
import { isObject, show } from "../lib/unknown.ts";

Deno.test("an object has named fields: null, arrays and text have none", () => {
  assert(isObject({}));
  for (const other of [null, [], "{}", 1, undefined]) assert(!isObject(other));
});

Deno.test("values are shown as JSON where JSON has them, and as themselves where it has not", () => {
  assertEquals(show({ a: ["b", 1] }), '{"a":["b",1]}');
  assertEquals([NaN, -Infinity, 2n, undefined, null].map(show), ["NaN", "-Infinity", "2", "nothing", "null"]);
  assertEquals(show(Symbol("s")), "Symbol(s)");
});

Deno.test("a long value is cut to 80 characters", () => {
  assertEquals(show("x".repeat(78)), `"${"x".repeat(78)}"`);
  assertEquals(show("x".repeat(79)), `"${"x".repeat(76)}...`);
});
