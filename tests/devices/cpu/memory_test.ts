import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Block, Memory } from "../../../lib/devices/cpu/memory.ts";
import { DeviceError } from "../../../lib/devices/errors.ts";
import { Random } from "../../../lib/random.ts";

const HEAP = 4096;

function memoryOf(limit?: number, settle?: () => void) {
  const counters = { buffers: 0, bindGroups: 0, pipelines: 0, submits: 0, waits: 0, bytes: 0 };
  const raw = new WebAssembly.Memory({ initial: 1, maximum: 2 ** 16, shared: true });
  return { counters, raw, memory: new Memory(raw, HEAP, counters, limit, settle) };
}

Deno.test("blocks lie one after the other at multiples of 256 bytes, as many bytes as were asked for at least", () => {
  const { memory, counters } = memoryOf();
  const blocks = [1, 256, 257, 0, 1000].map((bytes) => memory.allocate("a block", bytes));
  assertEquals(blocks.map(({ address }) => address - HEAP), [0, 256, 512, 1024, 1280]);
  assertEquals(blocks.map(({ bytes }) => bytes), [256, 256, 512, 256, 1024]);
  assertEquals([counters.buffers, counters.bytes], [5, 2304]);
});

Deno.test("whatever is allocated and freed in whatever order, no two blocks overlap and all memory comes back", () => {
  const { memory, raw, counters } = memoryOf();
  const random = new Random(1, "blocks");
  const alive: { block: Block; mark: number }[] = [];
  const bytesOf = ({ address, bytes }: Block) => new Uint8Array(raw.buffer, address, bytes);
  for (let i = 0; i < 2000; i++) {
    // Grows for a while, then shrinks, so that there are many gaps and then few.
    if (alive.length > 0 && random.below(100, 2 * i) < (i % 400 < 200 ? 30 : 65)) {
      const [{ block, mark }] = alive.splice(random.below(alive.length, 2 * i + 1), 1) as [typeof alive[0]];
      assert(bytesOf(block).every((byte) => byte === mark), "another block wrote here");
      block[Symbol.dispose]();
    } else {
      const block = memory.allocate("a block", 256 * (1 + random.below(20, 2 * i + 1)));
      assert(bytesOf(block).every((byte) => byte === 0), "a block starts as zeros");
      const mark = 1 + i % 255;
      bytesOf(block).fill(mark);
      alive.push({ block, mark });
    }
    assertEquals(counters.bytes, alive.reduce((sum, { block }) => sum + block.bytes, 0));
  }
  const ordered = alive.map(({ block }) => block).sort((a, b) => a.address - b.address);
  ordered.forEach((block, i) => assert(i === 0 || ordered[i - 1]!.address + ordered[i - 1]!.bytes <= block.address));
  for (const { block, mark } of alive) {
    assert(bytesOf(block).every((byte) => byte === mark));
    block[Symbol.dispose]();
  }
  assertEquals(counters.bytes, 0);
  // Only if all gaps became one again does the largest block that ever fitted start where the first one did.
  const grown = raw.buffer.byteLength;
  using whole = memory.allocate("everything", grown - HEAP);
  assertEquals([whole.address, raw.buffer.byteLength], [HEAP, grown]);
});

Deno.test("memory between two blocks is used before more is asked for", () => {
  const { memory } = memoryOf();
  const [, second, third] = [512, 512, 512, 512].map((bytes) => memory.allocate("a block", bytes));
  const { address } = second!;
  second![Symbol.dispose]();
  assertEquals(memory.allocate("smaller", 256).address, address);
  third![Symbol.dispose]();
  assertEquals(memory.allocate("larger", 768).address, address + 256);
});

Deno.test("a block is freed once, when nothing runs any more, and is of no use then", () => {
  let settled = 0;
  const { memory, counters } = memoryOf(undefined, () => settled++);
  const [block, other] = [memory.allocate("a block", 512), memory.allocate("another", 256)];
  block[Symbol.dispose]();
  block[Symbol.dispose]();
  assertEquals([settled, counters.bytes], [1, 256]);
  assertThrows(
    () => block.address,
    DeviceError,
    "Cannot use a block: it is disposed of; free it after its last use",
  );
  assertEquals(other.address, HEAP + 512);
});

Deno.test("what exceeds the limit is refused with what is needed and what there is, and changes nothing", () => {
  const { memory, raw, counters } = memoryOf(4096);
  memory.allocate("a block", 2048);
  const message = (name: string) =>
    `Cannot allocate ${name}: lower --micro-batch, --sequence or the model's size: 4.3 KiB needed, 4 KiB available`;
  assertEquals(
    assertThrows(() => memory.allocate("the program", 2304), DeviceError).message,
    message("the program"),
  );
  assertEquals(assertThrows(() => memory.reserve("a, b", 2304), DeviceError).message, message("a, b"));
  assertEquals([counters.bytes, counters.buffers, raw.buffer.byteLength], [2048, 1, 65536]);
  memory.allocate("the rest", 2048);
});

Deno.test("what 32-bit addresses do not reach is refused", () => {
  const { memory, counters } = memoryOf();
  const refused = (bytes: number, message: string) =>
    assertThrows(() => memory.allocate("the program", bytes), DeviceError, `Cannot allocate the program: ${message}`);
  const advice = "lower --micro-batch, --sequence or the model's size";
  refused(2 ** 32, `${advice}: 4 GiB needed, 4 GiB available`);
  refused(2 ** 40, `${advice}: 1 TiB needed`);
  assertEquals(counters.bytes, 0);
});

Deno.test("memory works up to its last bytes, and what is left between blocks says how much it can hold", () => {
  const { raw, counters } = memoryOf();
  // Not allocated up to there, as that would touch four GiB: the blocks just begin later.
  const last = 2 ** 32 - 65_536;
  const memory = new Memory(raw, last - 1024, counters);
  const blocks = [0, 1, 2, 3].map((i) => memory.allocate(`block ${i}`, 256));
  assertEquals(blocks[3]!.address, last - 256);
  memory.write(blocks[3]!.address, Float32Array.of(1, 2, 3));
  assertEquals(memory.read(blocks[3]!.address, 3), Float32Array.of(1, 2, 3));
  blocks[0]![Symbol.dispose]();
  blocks[2]![Symbol.dispose]();
  assertThrows(() => memory.allocate("more", 512), DeviceError, "512 B needed, 256 B available");
  assertEquals(memory.allocate("as much", 256).address, last - 1024);
});
