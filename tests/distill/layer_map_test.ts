import { assertEquals, assertThrows } from "@std/assert";
import { evenLayerMap, isLayerMap, parseLayerMap } from "../../lib/distill/layer_map.ts";

const theirs = (student: number, teacher: number) => evenLayerMap(student, teacher).map(([, layer]) => layer);

Deno.test("even layers lie at the same share of either depth, and the last on the last", () => {
  assertEquals(evenLayerMap(2, 6), [[0, 2], [1, 5]]);
  assertEquals(theirs(4, 4), [0, 1, 2, 3]);
  assertEquals(theirs(4, 12), [2, 5, 8, 11]);
  assertEquals(theirs(4, 6), [1, 2, 4, 5]);
  assertEquals(theirs(1, 9), [8]);
});

Deno.test("even layers exist and never go back, whichever model is deeper", () => {
  for (let student = 1; student <= 9; student++) {
    for (let teacher = 1; teacher <= 9; teacher++) {
      const layers = theirs(student, teacher);
      assertEquals(layers, layers.toSorted((a, b) => a - b));
      assertEquals([layers[0]! >= 0, layers.at(-1)], [true, teacher - 1]);
    }
  }
});

Deno.test("pairs are read in any order and come in that of the student's layers", () => {
  assertEquals(parseLayerMap("3:0,0:5,1:5", 4, 6), [[0, 5], [1, 5], [3, 0]]);
  assertEquals(["0:1", "0:1,", "a", "0-1", "0:-1", "0:1;1:2", ""].map(isLayerMap), [true, ...Array(6).fill(false)]);
});

Deno.test("a layer that there is not, and one named twice, are refused with the range", () => {
  const refused: [string, string][] = [
    ["0:6", "the teacher's layers are 0 to 5, found 6"],
    ["4:0", "the student's layers are 0 to 3, found 4"],
    ["0:1,2:2,0:3", "each of the student's layers must be named once, found 0 twice"],
    ["0:1,x", "the map must be pairs student:teacher with commas between them, found 0:1,x"],
  ];
  for (const [text, rule] of refused) assertThrows(() => parseLayerMap(text, 4, 6), RangeError, rule);
});
