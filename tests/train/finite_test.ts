import { assertEquals } from "@std/assert";
import { notFinite } from "../../lib/train/finite.ts";

Deno.test("the first value that is no finite number is named with its tensor", () => {
  const values = (...last: number[]) =>
    new Map([["first", new Float32Array([1, 2])], ["second", new Float32Array([0, ...last])]]);
  assertEquals(notFinite(values(3.4e38, -3.4e38)), undefined);
  assertEquals(notFinite(values(1, NaN)), "NaN in 'second'");
  assertEquals(notFinite(values(-1e39)), "-Infinity in 'second'");
});
