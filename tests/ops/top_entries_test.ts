import { assert, assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { sizeOf } from "../../lib/graph/tensor.ts";
import { topEntries } from "../../lib/ops/top_entries/mod.ts";
import { compute, integers, normals, run } from "./harness.ts";

const DEVICES = {
  "an invocation a row": await openDevice("webgpu", { tiled: [] }),
  "a workgroup a row": await openDevice("webgpu", { tiled: ["topEntries"] }),
  "an invocation a row, in parts": await openDevice("webgpu", { tiled: [], maxBindingBytes: 64 * 40 * 4 }),
  "a workgroup a row, in parts": await openDevice("webgpu", { tiled: ["topEntries"], maxBindingBytes: 64 * 40 * 4 }),
};
const cpu = await openDevice("cpu", { threads: 0 });
const whole = Object.entries(DEVICES).slice(0, 2);

/** The definition: a sort of all of a row, and a sum in double precision. */
function expectedOf(row: Float32Array, k: number) {
  const order = [...row.keys()].sort((a, b) => row[b]! - row[a]! || a - b);
  const ids = order.slice(0, k);
  return { ids, masses: ids.map((id) => row[id]!), rest: order.slice(k).reduce((sum, id) => sum + row[id]!, 0) };
}

interface Case {
  readonly name: string;
  readonly shape: readonly number[];
  readonly k: number;
  readonly values: Float32Array<ArrayBuffer>;
}

/** Compares each row of each case with the definition: ids and masses as they are, the rest up to rounding. */
async function check(device: typeof DEVICES["a workgroup a row"], cases: readonly Case[]) {
  const graph = new Graph();
  const found = cases.map(({ name, shape, k, values }) => topEntries(graph.constant(name, shape, values), k));
  const tensors = found.flatMap(({ ids, masses }) => [ids, masses]);
  const results = await compute(device, graph, tensors, { tolerance: 1e-5 });
  cases.forEach(({ name, shape, k, values }, i) => {
    const width = shape.at(-1)!;
    const [ids, masses] = [new Uint32Array(results[2 * i]!.buffer), results[2 * i + 1]!];
    for (let row = 0; row * width < values.length; row++) {
      const own = values.subarray(row * width, (row + 1) * width);
      const expected = expectedOf(own, k);
      assertEquals([...ids.subarray(row * k, (row + 1) * k)], expected.ids, `${name}: ids of row ${row}`);
      const [from, to] = [row * (k + 1), row * (k + 1) + k];
      assertEquals([...masses.subarray(from, to)], expected.masses, `${name}: masses of row ${row}`);
      const size = own.reduce((sum, value) => sum + Math.abs(value), 0);
      assert(Math.abs(masses[to]! - expected.rest) <= 1e-5 * size, `${name}: rest of row ${row}: ${masses[to]}`);
    }
  });
}

/** Probabilities of seeded logits. */
function distributions(name: string, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const width = shape.at(-1)!;
  const values = normals(name, sizeOf(shape), 3).map(Math.exp);
  for (let from = 0; from < values.length; from += width) {
    const row = values.subarray(from, from + width);
    const sum = row.reduce((all, each) => all + each);
    row.forEach((each, i) => row[i] = each / sum);
  }
  return values;
}

for (const [who, device] of Object.entries(DEVICES)) {
  Deno.test(`topEntries() takes the largest values in order and sums the others (${who})`, async () => {
    const narrow = [[1, 1, 1], [5, 1, 1], [3, 7, 1], [2, 37, 6], [150, 40, 13], [4, 9, 9], [70, 38, 38]];
    await check(
      device,
      narrow.map(([rows, width, k]) => {
        const [name, shape] = [`${k} of ${rows} x ${width}`, [rows!, width!]];
        return { name, shape, k: k!, values: distributions(name, shape) };
      }),
    );
  });
}

for (const [who, device] of whole) {
  Deno.test(`topEntries() finds the largest of rows longer than a workgroup (${who})`, async () => {
    const long = [[3, 2048, 64], [70, 203, 8], [2, 1031, 16], [1, 700, 700], [2, 300, 299], [2, 5, 300, 1]];
    await check(
      device,
      long.map((numbers) => {
        const [shape, k] = [numbers.slice(0, -1), numbers.at(-1)!];
        const name = `${k} of ${shape.join(" x ")}`;
        return { name, shape, k, values: distributions(name, shape) };
      }),
    );
  });

  Deno.test(`of equal values topEntries() takes those with the smaller ids (${who})`, async () => {
    const few = (width: number, kinds: number, k: number): Case => {
      const name = `${k} of ${width} values of ${kinds} kinds`;
      return { name, shape: [3, width], k, values: Float32Array.from(integers(name, 3 * width, kinds)) };
    };
    const alike = [0, 0.25, 1e-30, -5].map((value): Case => ({
      name: `rows of ${value}`,
      shape: [2, 520],
      k: 17,
      values: new Float32Array(1040).fill(value),
    }));
    await check(device, [few(40, 2, 13), few(600, 5, 64), few(600, 300, 64), few(12, 2, 12), ...alike]);
  });

  Deno.test(`topEntries() orders values of any sign and size, and both zeros as one (${who})`, async () => {
    const values = Float32Array.of(-3, 0, -0, 1e-30, -1e-30, 1e3, -1e3, 2, 0, -0, -2, 1e-3);
    const cases = [1, 3, 7, 8, 12].map((k) => ({ name: `${k} of any`, shape: [1, 12], k, values }));
    const shifted = [-1000, -2, 0, 2].map((shift): Case => {
      const name = `16 of normals and ${shift}`;
      return { name, shape: [3, 201], k: 16, values: normals(name, 603).map((value) => value + shift) };
    });
    await check(device, [...cases, ...shifted]);
  });

  Deno.test(`a row with a NaN has one among its masses, wherever it stands (${who})`, async () => {
    for (const at of [0, 3, 90, 100]) {
      const graph = new Graph();
      const values = normals("not a number", 101);
      values[at] = NaN;
      const x = graph.constant("values", [1, 101], values);
      const masses = [1, 4, 16, 101].map((k) => topEntries(x, k).masses);
      for (const each of [device, cpu]) {
        for (const found of await run(each, graph, masses)) assert(found.some(Number.isNaN), `NaN at ${at}: ${found}`);
      }
    }
  });

  Deno.test(`topEntries() has the same bytes in every run (${who})`, async () => {
    const shape = [40, 900];
    const once = async () => {
      const graph = new Graph();
      const { ids, masses } = topEntries(graph.constant("p", shape, distributions("again", shape)), 64);
      return await compute(device, graph, [ids, masses]);
    };
    assertEquals(await once(), await once());
  });
}

Deno.test("topEntries() refuses more entries than a row has, and none", () => {
  const x = new Graph().input("x", [2, 3]);
  for (const k of [0, 4, 1.5]) {
    assertThrows(
      () => topEntries(x, k),
      RangeError,
      `Cannot find the top entries of x [2, 3]: 'k' must be a whole number from 1 to 3, found ${k}`,
    );
  }
});
