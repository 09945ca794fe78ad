import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { expandGroups } from "../../lib/ops/attention/groups.ts";
import { assertClose, compute, constant, valuesOf } from "./harness.ts";

const device = await openDevice("webgpu");
const [batch, sequence, size] = [2, 3, 5];

for (const [heads, groups] of [[6, 3], [6, 2], [4, 1]] as const) {
  Deno.test(`each of ${heads} heads gets a copy of its group's key and value, and ${groups} groups the sums of their gradients`, async () => {
    const graph = new Graph();
    const width = (heads + 2 * groups) * size;
    const fused = constant(graph, "fused", [batch * sequence, width]);
    const out = expandGroups(fused, { batch, sequence, heads, groups });
    const upstream = constant(graph, "dout", out.shape);
    const gradient = differentiate(graph, { of: out, wrt: [fused], upstream }).get(fused)!;
    const [value, slope] = await compute(device, graph, [out, gradient]);

    const expected: number[] = [], sums = new Float32Array(fused.size);
    for (let row = 0; row < batch * sequence; row++) {
      for (let head = 0; head < heads; head++) {
        const group = Math.floor(head / (heads / groups));
        for (const unit of [head, heads + group, heads + groups + group]) {
          for (let dim = 0; dim < size; dim++) {
            const at = row * width + unit * size + dim;
            sums[at]! += valuesOf(upstream)[expected.length]!;
            expected.push(valuesOf(fused)[at]!);
          }
        }
      }
    }
    assertEquals([...value!], expected);
    assertClose(slope!, sums, "gradient", 1e-6);
  });
}

Deno.test("with a group for each head nothing is recorded, and layers share their list of columns", () => {
  const graph = new Graph();
  const own = graph.input("own", [6, 3 * 4 * size]);
  assertStrictEquals(expandGroups(own, { batch, sequence, heads: 4, groups: 4 }), own);
  assertEquals(graph.nodes.length, 0);
  const shared = graph.input("shared", [6, 8 * size]);
  for (let layer = 0; layer < 3; layer++) expandGroups(shared, { batch, sequence, heads: 4, groups: 2 });
  assertEquals([graph.nodes.length, graph.constants.size], [3, 1]);
});

Deno.test("a layout that does not fit is refused with what was found", () => {
  const fused = new Graph().input("fused", [6, 40]);
  for (const [heads, groups] of [[4, 3], [4, 1], [6, 4]] as const) {
    assertThrows(
      () => expandGroups(fused, { batch, sequence, heads, groups }),
      RangeError,
      `Cannot expand groups of fused [6, 40]: it must be [batch * sequence, (heads + 2 * groups) * size] of groups that ` +
        `divide heads, found batch 2, sequence 3, heads ${heads}, groups ${groups}`,
    );
  }
});
