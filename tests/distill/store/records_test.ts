import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  decodeRecord,
  encodeRecord,
  entriesFor,
  type RecordShape,
  rowsOfEntries,
} from "../../../lib/distill/store/records.ts";
import { integers, normals } from "../../ops/harness.ts";

/** Entries whose masses add up to 1, of any size that probabilities have. */
function entries({ k, sequence, vocabularySize }: RecordShape) {
  const found = entriesFor(sequence, k);
  found.ids.set(integers("ids", sequence * k, vocabularySize));
  for (let row = 0; row < sequence; row++) {
    const exponentials = normals(`row ${row}`, k + 1, 4).map(Math.exp);
    const sum = exponentials.reduce((all, each) => all + each);
    found.masses.set(exponentials.map((each) => each / sum), row * (k + 1));
  }
  return found;
}

for (const vocabularySize of [37, 65_536, 65_537, 151_936]) {
  Deno.test(`the most likely tokens of ${vocabularySize} survive a record, and masses but for 1 in 2,048`, () => {
    const shape: RecordShape = { kind: "top-k", k: 5, sequence: 9, vocabularySize };
    const given = entries(shape);
    const bytes = encodeRecord(given, shape);
    assertEquals(bytes.length, 9 * (5 * (vocabularySize > 65_536 ? 4 : 2) + 6 * 2));
    const read = entriesFor(9 + 9 + 2, 5);
    decodeRecord(bytes, shape, read, 9);
    assertEquals(rowsOfEntries(read, 5, 9, 9).ids, given.ids);
    const { masses } = rowsOfEntries(read, 5, 9, 9);
    masses.forEach((mass, i) => assert(Math.abs(mass / given.masses[i]! - 1) < 1 / 1024, `${mass} ${given.masses[i]}`));
    for (let row = 0; row < 9; row++) {
      assertAlmostEquals(masses.subarray(6 * row, 6 * row + 6).reduce((sum, mass) => sum + mass), 1, 1e-6);
    }
    assertEquals(read.masses.subarray(0, 9 * 6).every((mass) => mass === 0), true, "other rows stay");
  });

  Deno.test(`draws from ${vocabularySize} tokens survive a record as they are`, () => {
    const shape: RecordShape = { kind: "sampled", k: 255, sequence: 3, vocabularySize };
    const given = entriesFor(3, 255);
    // One token drawn 255 times, two tokens, and 255 tokens once.
    given.ids.set([vocabularySize - 1]);
    given.masses.set([1]);
    given.ids.set([3, 8], 255);
    given.masses.set([55 / 255, 200 / 255], 256);
    for (let i = 0; i < 255; i++) given.ids[2 * 255 + i] = i % 37, given.masses[2 * 256 + i] = 1 / 255;
    const bytes = encodeRecord(given, shape);
    assertEquals(bytes.length, 3 + (1 + 2 + 255) * (vocabularySize > 65_536 ? 5 : 3));
    const read = entriesFor(3, 255);
    read.masses.fill(7);
    decodeRecord(bytes, shape, read, 0);
    assertEquals([read.ids, read.masses], [given.ids, given.masses]);
  });
}

Deno.test("a rest that is nearly nothing stays above 0, and what is below any 16-bit float becomes 0", () => {
  const shape: RecordShape = { kind: "top-k", k: 2, sequence: 1, vocabularySize: 9 };
  const read = entriesFor(1, 2);
  decodeRecord(
    encodeRecord({ ids: Uint32Array.of(4, 2), masses: Float32Array.of(1, 1e-14, 1e-9) }, shape),
    shape,
    read,
    0,
  );
  assertEquals([...read.ids], [4, 2]);
  assertEquals(read.masses[1], 0);
  assertAlmostEquals(read.masses[2]!, 1e-9, 1e-12);
});
