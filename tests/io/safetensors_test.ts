import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FileError } from "../../lib/io/file_error.ts";
import { SafetensorsFile } from "../../lib/io/safetensors.ts";
import { writeSafetensors } from "../../lib/io/safetensors_writer.ts";
import { Random } from "../../lib/random.ts";
import { inFolder } from "./temporary_folder.ts";

/** Puts a file together by hand: length, header, data. */
function assemble(header: string | object | Uint8Array, data: ArrayLike<number>, length?: bigint): Uint8Array {
  const bytes = header instanceof Uint8Array
    ? header
    : new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + bytes.length + data.length);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(bytes.length), true);
  file.set(bytes, 8);
  file.set(data, 8 + bytes.length);
  return file;
}

/** Writes `bytes` as a file, opens it and reads every float tensor. */
async function readAll(bytes: Uint8Array): Promise<Map<string, number[]>> {
  const result = new Map<string, number[]>();
  await inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/model.safetensors`, bytes);
    using file = await SafetensorsFile.open(`${folder}/model.safetensors`);
    for (const name of file.tensors.keys()) result.set(name, Array.from(file.readFloats(name)));
  });
  return result;
}

const entry = (dtype: string, shape: unknown, begin: unknown, end: unknown) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

const one = [0, 0, 0x80, 0x3f];
const minusTwo = [0, 0, 0, 0xc0];

Deno.test("a hand-made file is read: tensors in any order, a scalar, an empty tensor, metadata, padding", async () => {
  const header = JSON.stringify({
    second: entry("F32", [1, 1], 4, 8),
    first: entry("F32", [], 0, 4),
    __metadata__: { format: "pt" },
    empty: entry("F32", [3, 0], 8, 8),
  });
  const tensors = await readAll(assemble(header + "   ", [...one, ...minusTwo]));
  assertEquals([...tensors], [["first", [1]], ["second", [-2]], ["empty", []]]);
});

/** Bit patterns of each format beside the values that IEEE 754 gives them. */
const patterns: [dtype: string, bytes: number[], values: number[]][] = [
  ["F16", [0x00, 0x3c, 0x00, 0xc0, 0xff, 0x7b, 0x00, 0x04], [1, -2, 65504, 2 ** -14]],
  ["F16", [0x01, 0x00, 0xff, 0x03, 0x00, 0x80], [2 ** -24, 1023 * 2 ** -24, -0]],
  ["F16", [0x00, 0x7c, 0x00, 0xfc, 0x00, 0x7e], [Infinity, -Infinity, NaN]],
  ["BF16", [0x80, 0x3f, 0x00, 0xc0, 0x49, 0x40, 0x7f, 0x7f], [1, -2, 3.140625, 255 * 2 ** 120]],
  ["BF16", [0x01, 0x00, 0x00, 0x80], [2 ** -133, -0]],
  ["BF16", [0x80, 0x7f, 0x80, 0xff, 0xc0, 0x7f], [Infinity, -Infinity, NaN]],
  ["F32", [0x01, 0, 0, 0, 0xff, 0xff, 0x7f, 0x7f, 0, 0, 0xc0, 0x7f], [2 ** -149, (2 - 2 ** -23) * 2 ** 127, NaN]],
  ["F64", [0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f], [1, Math.fround(0.1)]],
  ["F64", [0, 0, 0, 0, 0, 0, 0xf0, 0x7f], [Infinity]],
];

for (const [dtype, bytes, values] of patterns) {
  Deno.test(`${dtype} bits of ${values.join(", ")} are read as these values`, async () => {
    const tensors = await readAll(assemble({ x: entry(dtype, [values.length], 0, bytes.length) }, bytes));
    const read = tensors.get("x")!;
    assert(values.every((value, i) => Object.is(read[i], value)), `${read}`);
    assertEquals(read.length, values.length);
  });
}

const eight = [...one, ...minusTwo];
const broken: [what: string, file: Uint8Array, message: string][] = [
  ["an empty file", new Uint8Array(0), "the file must have at least 8 bytes, found 0"],
  [
    "a header longer than the file",
    assemble("{}", [], 100n),
    "the header must fit into 2 bytes, found a length of 100",
  ],
  ["a header length of 2^64 - 1", assemble("{}", [], 2n ** 64n - 1n), "found a length of 18446744073709551615"],
  ["a header that is no JSON", assemble("{x}", []), "the header must be JSON in UTF-8"],
  ["a header that is no UTF-8", assemble(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d), []), "JSON in UTF-8"],
  ["a header that is a list", assemble("[]", []), "the header must be a JSON object"],
  ["an entry that is no object", assemble({ x: 3 }, []), "tensor 'x' must be described by an object, found 3"],
  ["an unknown dtype", assemble({ x: entry("F31", [1], 0, 4) }, one), `found "F31"`],
  ["a dtype named as a method", assemble({ x: entry("toString", [1], 0, 4) }, one), `found "toString"`],
  ["a negative size", assemble({ x: entry("F32", [-1, -1], 0, 4) }, one), "non-negative integers, found [-1,-1]"],
  ["a fractional size", assemble({ x: entry("F32", [0.5, 2], 0, 4) }, one), "non-negative integers, found [0.5,2]"],
  ["a size as text", assemble({ x: entry("F32", ["1"], 0, 4) }, one), `non-negative integers, found ["1"]`],
  ["a missing shape", assemble({ x: { dtype: "F32", data_offsets: [0, 4] } }, one), "found undefined"],
  [
    "a product that overflows 64 bits",
    assemble({ x: entry("F32", [2 ** 32, 2 ** 32, 1], 0, 4) }, one),
    "must have the 73786976294838210000 bytes",
  ],
  [
    "sizes that are no integers any more",
    assemble(`{"x":{"dtype":"F32","shape":[1e400],"data_offsets":[0,4]}}`, one),
    "found [null]",
  ],
  ["offsets in reverse", assemble({ x: entry("F32", [1], 4, 0) }, one), "begin <= end, found [4,0]"],
  ["three offsets", assemble({ x: { dtype: "F32", shape: [1], data_offsets: [0, 4, 4] } }, one), "found [0,4,4]"],
  [
    "offsets that do not fit the shape",
    assemble({ x: entry("F32", [2], 0, 4) }, one),
    "must have the 8 bytes of its shape [2] in F32, found data_offsets [0, 4] of 4",
  ],
  [
    "a tensor beyond the end",
    assemble({ x: entry("F32", [2], 0, 8) }, one),
    "tensor 'x' must end within the file's 4 bytes",
  ],
  [
    "bytes that belong to no tensor",
    assemble({ x: entry("F32", [1], 0, 4) }, eight),
    "must end with the file's 8 bytes of data, found its end at 4",
  ],
  [
    "a gap",
    assemble({ x: entry("F32", [1], 4, 8) }, eight),
    "'x' must begin where the header ends, at byte 0, found a gap: it begins at 4",
  ],
  [
    "an overlap",
    assemble({ x: entry("F32", [1], 0, 4), y: entry("F16", [3], 2, 8) }, eight),
    "tensor 'y' must begin where 'x' ends, at byte 4, found an overlap: it begins at 2",
  ],
  [
    "the same key twice",
    assemble(
      `{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0078":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`,
      one,
    ),
    "the header must name each key once, found 'x' twice",
  ],
  [
    "the same field twice",
    assemble(`{"x":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}`, one),
    "found 'shape' twice",
  ],
  [
    "metadata that is no text",
    assemble({ __metadata__: { a: 1 } }, []),
    "'__metadata__' must be an object of strings, found 'a'",
  ],
  [
    "integers",
    assemble({ x: entry("I32", [1], 0, 4) }, one),
    "tensor 'x' must be one of F32, F16, BF16, F64 to be read as floats, found I32",
  ],
  [
    "doubles that no 32-bit float holds",
    assemble({ x: entry("F64", [1], 0, 8) }, [0, 0, 0, 0, 0, 0, 0xe0, 0x7f]),
    "tensor 'x' must fit 32-bit floats, found 8.98846567431158e+307 at element 0",
  ],
];

for (const [what, bytes, message] of broken) {
  Deno.test(`refused with tensor and rule: ${what}`, async () => {
    const error = await assertRejects(() => readAll(bytes), FileError, message);
    assert(error.message.startsWith("Cannot read '"), error.message);
    assert(!error.message.includes("\n"), error.message);
  });
}

Deno.test("what is missing is one clear line: no file, a folder, no such tensor", () =>
  inFolder(async (folder) => {
    await assertRejects(() => SafetensorsFile.open(`${folder}/none`), FileError, "it does not exist");
    await assertRejects(() => SafetensorsFile.open(folder), FileError, "it must be a regular file");
    await Deno.writeFile(`${folder}/a`, assemble({ x: entry("F32", [1], 0, 4) }, one));
    using file = await SafetensorsFile.open(`${folder}/a`);
    assertThrows(() => file.readFloats("y"), FileError, "there is no tensor 'y'");
    await Deno.truncate(`${folder}/a`, 60);
    assertThrows(() => file.readFloats("x"), FileError, "tensor 'x' must have 4 bytes, found the file's end after");
  }));

Deno.test("the writer's bytes are those of the format, padded to eight", () =>
  inFolder(async (folder) => {
    const tensors = [
      { name: "b", shape: [2], values: Float32Array.of(1, -2) },
      { name: "a", shape: [], values: Float32Array.of(1) },
    ];
    await writeSafetensors(`${folder}/x`, tensors, { metadata: { format: "pt" } });
    const header = `{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},` +
      `"a":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}`;
    const expected = assemble(header.padEnd(Math.ceil(header.length / 8) * 8), [...one, ...minusTwo, ...one]);
    assertEquals(await Deno.readFile(`${folder}/x`), expected);
  }));

Deno.test("F16 files round to nearest even and come back as rounded", () =>
  inFolder(async (folder) => {
    const values = Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, -Infinity, NaN);
    await writeSafetensors(`${folder}/x`, [{ name: "x", shape: [5], values }], { dtype: "F16" });
    using file = await SafetensorsFile.open(`${folder}/x`);
    assertEquals(file.readFloats("x"), Float32Array.of(1, 1 + 2 ** -9, 0, -Infinity, NaN));
    assertEquals(file.tensors.get("x")!.dtype, "F16");
  }));

Deno.test("the writer refuses what would not come back", () =>
  inFolder(async (folder) => {
    const tensor = (name: string, shape: number[], ...values: number[]) => ({
      name,
      shape,
      values: new Float32Array(values),
    });
    const refused = (tensors: ReturnType<typeof tensor>[], message: string) =>
      assertRejects(() => writeSafetensors(`${folder}/x`, tensors, { dtype: "F16" }), RangeError, message);
    await refused([tensor("a", [2], 1)], "tensor 'a': it must have the 2 values of its shape [2], found 1");
    await refused([tensor("a", [1], 1), tensor("a", [1], 1)], "tensor 'a': it must have a name of its own");
    await refused([tensor("a", [2], 1, 7e4)], "tensor 'a' as F16: it must fit 16-bit floats, found 70000 at element 1");
    const unwritten = { dtype: "BF16" as "F16" };
    await assertRejects(
      () => writeSafetensors(`${folder}/x`, [tensor("a", [1], 1)], unwritten),
      RangeError,
      "tensor 'a' as BF16: it must be written as F32 or F16",
    );
  }));

Deno.test("what is written is read back, bit for bit, however it is cut into tensors", () =>
  inFolder(async (folder) => {
    const random = new Random(1, "tensors");
    const tensors = Array.from({ length: 40 }, (_, i) => {
      const shape = [random.below(4, 3 * i), 1 + random.below(5, 3 * i + 1)];
      const values = new Float32Array(shape[0]! * shape[1]!);
      random.fillNormal(values, 10 ** (random.below(60, 3 * i + 2) - 40), 100 * i);
      return { name: `t${i}`, shape, values };
    });
    await writeSafetensors(`${folder}/x`, tensors);
    using file = await SafetensorsFile.open(`${folder}/x`);
    for (const { name, shape, values } of tensors) {
      assertEquals(file.readFloats(name), values);
      assertEquals(file.tensors.get(name)!.shape, shape);
    }
  }));

Deno.test("a cut file is always refused, and a damaged header never gives another error", async () => {
  const header = { a: entry("F32", [1], 0, 4), b: entry("BF16", [1, 2], 4, 8), __metadata__: { format: "pt" } };
  const whole = assemble(header, [...one, ...minusTwo]);
  const headerEnd = whole.length - 8;
  const random = new Random(3, "damage");
  for (let length = 0; length < whole.length; length++) {
    await assertRejects(() => readAll(whole.slice(0, length)), FileError, "Cannot read", `cut to ${length} bytes`);
  }
  const outcomes = { read: 0, refused: 0 };
  for (let round = 0; round < 300; round++) {
    const damaged = whole.slice();
    for (let flip = 0; flip <= round % 3; flip++) {
      const at = random.below(headerEnd, 4 * round + flip);
      damaged[at] = random.below(2, 5000 + round) ? damaged[at]! ^ 1 << (round % 8) : 0x30 + round % 10;
    }
    try {
      await readAll(damaged);
      outcomes.read++;
    } catch (error) {
      assert(error instanceof FileError, `round ${round}: ${error}`);
      outcomes.refused++;
    }
  }
  assert(outcomes.refused > 150 && outcomes.read > 0, JSON.stringify(outcomes));
});
