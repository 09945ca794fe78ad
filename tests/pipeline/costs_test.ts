import { assertEquals, assertStringIncludes } from "@std/assert";
import { costsOf, describeCosts, totalOf } from "../../lib/pipeline/costs.ts";

const stages = {
  search: { evaluations: 10, flops: 100, preparation: 50, seconds: 3 },
  inherit: { scoring: 0, flops: 50, seconds: 2 },
};

Deno.test("costs name every stage that cost something, and add up", () => {
  const costs = costsOf(stages, { student: 500, teacher: 300, seconds: 20 });
  assertEquals(costs.map(({ flops }) => flops), [100, 50, 50, 500, 300]);
  assertEquals(totalOf(costs), { flops: 1000, seconds: 25 });
  const text = describeCosts(costs);
  assertStringIncludes(text, "1.00e+3 FLOPs (10.0% search: 10 students judged, 5.0% search: the teacher's passes");
  assertStringIncludes(text, "30.0% training: the teacher's passes)");
});

Deno.test("a plain run has the cost of its training alone", () => {
  assertEquals(costsOf({}, { student: 5, teacher: 0, seconds: 1 }), [
    { name: "training: the student's passes", flops: 5, seconds: 1 },
  ]);
});
