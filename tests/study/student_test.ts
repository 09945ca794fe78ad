import { assertEquals, assertNotEquals } from "@std/assert";
import { studentName } from "../../lib/study/student.ts";

Deno.test("a student that no seed changes has one name, so that processes with other seeds wait for it", () => {
  for (const start of ["prefix", "spaced", "importance", "principal"] as const) {
    assertEquals(studentName({ start, seed: 1 }), studentName({ start, seed: 2 }));
  }
  for (const start of ["random", "random-fine", "evolved-shape", "evolved-fine-layerwise"] as const) {
    assertNotEquals(studentName({ start, seed: 1 }), studentName({ start, seed: 2 }));
  }
});
