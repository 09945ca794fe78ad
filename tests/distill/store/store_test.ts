import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { UsageError } from "../../../lib/cli/usage_error.ts";
import type { StorePlan } from "../../../lib/distill/store/manifest.ts";
import { readStoreManifest } from "../../../lib/distill/store/manifest.ts";
import { LogitStore } from "../../../lib/distill/store/reader.ts";
import { encodeRecord, entriesFor } from "../../../lib/distill/store/records.ts";
import { windowKey } from "../../../lib/distill/store/shards.ts";
import { StoreWriter } from "../../../lib/distill/store/writer.ts";
import { FileError } from "../../../lib/io/file_error.ts";
import { tryLockFolder } from "../../../lib/io/lock.ts";
import { hashesOf } from "../../integration/tiny_run.ts";
import { inFolder } from "../../io/temporary_folder.ts";

const plan: StorePlan = {
  teacher: { hash: "a".repeat(64), flopsPerToken: 10 },
  tokenizerHash: "b".repeat(64),
  endOfText: 0,
  vocabularySize: 40,
  tokensHash: "c".repeat(64),
  ...{ sequence: 3, temperature: 2, kind: "top-k", k: 2, seed: 1, windows: 5, shardWindows: 2 },
};

const windowAt = (window: number) => Uint32Array.of(window, 7, window + 1);

/** What a teacher thinks of a window: in each position the window's number and another token. */
function thoughts(window: number) {
  const entries = entriesFor(3, 2);
  for (let row = 0; row < 3; row++) {
    entries.ids.set([window, 30 + row], 2 * row);
    entries.masses.set([0.5, 0.25, 0.25], 3 * row);
  }
  return entries;
}

function record(window: number) {
  return { key: windowKey(plan.teacher.hash, windowAt(window)), bytes: encodeRecord(thoughts(window), plan) };
}

const tokenizerJson = { model: {} };

/** Writes the shards from `first` on. */
async function write(folder: string, shards: readonly number[][], resume = false) {
  using writer = await StoreWriter.open(folder, plan, tokenizerJson, resume);
  for (const windows of shards) await writer.write(windows.map(record));
}

const ALL = [[0, 1], [2, 3], [4]];

Deno.test("a store returns what was thought of each window, in whatever order windows come", () =>
  inFolder(async (folder) => {
    await write(`${folder}/store`, ALL);
    using store = await LogitStore.open(`${folder}/store`);
    const order = [3, 0, 4, 3, 1, 2];
    const { ids, masses } = store.read(Uint32Array.from(order.flatMap((window) => [...windowAt(window)])));
    assertEquals([...ids], order.flatMap((window) => [...thoughts(window).ids]));
    assertEquals([...masses], order.flatMap((window) => [...thoughts(window).masses]));
    assertEquals(store.entries, 2);
    assertEquals(store.tokenizerJson, tokenizerJson);
    // Ids and masses of 16 bits, and 24 bytes of index a window.
    assertEquals(store.manifest.bytesPerToken, 2 * 2 + 3 * 2 + 24 / 3);
  }));

Deno.test("windows that are not in the store are one clear line, before they are read and when they are", () =>
  inFolder(async (folder) => {
    await write(`${folder}/store`, ALL);
    using store = await LogitStore.open(`${folder}/store`);
    for (const tokens of [windowAt(5), Uint32Array.of(...windowAt(0), 1, 8, 2)]) {
      for (const use of [() => store.check(tokens), () => store.read(tokens)]) {
        const { message } = assertThrows(use, FileError, `Cannot read '${folder}/store': it must hold every window`);
        assert(!message.includes("\n"));
      }
    }
  }));

Deno.test("another teacher's key of the same tokens is another one", () => {
  assertNotEquals(windowKey("a".repeat(64), windowAt(1)), windowKey("b".repeat(64), windowAt(1)));
  assertNotEquals(windowKey("a".repeat(64), windowAt(1)), windowKey("a".repeat(64), windowAt(2)));
});

Deno.test("a store that is resumed after any shard has the bytes of one that was written at once", () =>
  inFolder(async (folder) => {
    await write(`${folder}/whole`, ALL);
    for (let shards = 0; shards <= ALL.length; shards++) {
      const path = `${folder}/resumed after ${shards}`;
      await write(path, ALL.slice(0, shards));
      // What a process that was killed may leave.
      await Deno.writeTextFile(`${path}/0000${shards}.logits`, "half");
      await Deno.writeTextFile(`${path}/0000${shards}.logits.partial`, "half");
      if (shards === ALL.length) await Deno.remove(`${path}/0000${shards}.logits`);
      await write(path, ALL.slice(shards), true);
      await Deno.remove(`${path}/0000${shards}.logits.partial`).catch(() => {});
      assertEquals(await hashesOf(path), await hashesOf(`${folder}/whole`));
    }
  }));

Deno.test("a full disk is one clear line, and nothing that was written is lost", () =>
  inFolder(async (folder) => {
    await write(`${folder}/whole`, ALL);
    const path = `${folder}/store`;
    for (const file of ["00001.logits", "store.json"]) {
      await write(path, [ALL[0]!]);
      await Deno.symlink("/dev/full", `${path}/${file}.partial`);
      const { message } = await assertRejects(() => write(path, [ALL[1]!], true), FileError, "the disk is full");
      assert(message.endsWith("; the 2 windows before are intact, go on with --resume"), message);
      assert(!message.includes("\n"));
      await write(path, ALL.slice(1), true);
      assertEquals(await hashesOf(path), await hashesOf(`${folder}/whole`));
      await Deno.remove(path, { recursive: true });
    }
  }));

Deno.test("a store that is not finished, not there or damaged is refused by name", () =>
  inFolder(async (folder) => {
    const path = `${folder}/store`;
    const refused = (reason: string) => assertRejects(() => LogitStore.open(path), FileError, reason);
    await refused("must hold store.json, found none; check the path");
    await write(path, ALL.slice(0, 2));
    await refused("store.json': it must tell of all 5 windows, found 4; finish the store");
    await write(path, ALL.slice(2), true);

    const shard = `${path}/00001.logits`;
    const bytes = await Deno.readFile(shard);
    await Deno.writeFile(shard, bytes.subarray(0, -1));
    await refused(`00001.logits': it must have ${bytes.length} bytes, found ${bytes.length - 1}`);
    await Deno.writeFile(shard, bytes.map((byte, i) => i === 70 ? byte ^ 1 : byte));
    await refused("00001.logits': its SHA-256 must be ");
    await Deno.remove(shard);
    await refused("00001.logits': it does not exist");
    await Deno.writeFile(shard, bytes);

    const manifest = await readStoreManifest(path);
    await Deno.writeTextFile(`${path}/store.json`, JSON.stringify({ ...manifest, temperature: 0 }));
    await refused("it must be the manifest of a logit store, found 'temperature' wrong");
    await Deno.writeTextFile(`${path}/store.json`, "{");
    await refused("it must be JSON");
  }));

Deno.test("a store is begun in a folder of its own, and goes on as it was planned", () =>
  inFolder(async (folder) => {
    const path = `${folder}/store`;
    await write(path, ALL.slice(0, 1));
    const hashes = await hashesOf(path);
    await assertRejects(() => write(path, ALL), UsageError, "there must be none, found one of 2 of 5 windows");
    const changes: [Partial<StorePlan>, string][] = [
      [
        { teacher: { ...plan.teacher, hash: "d".repeat(64) } },
        "the model in --teacher must be what the store began with",
      ],
      [{ tokenizerHash: "d".repeat(64) }, "the teacher's tokenizer must be"],
      [
        { tokensHash: "d".repeat(64) },
        "the tokens of --corpus must be what the store began with, SHA-256 cccccccccccc",
      ],
      [{ k: 3 }, "--k must be what the store began with, 2, found 3; restore it"],
      [{ kind: "sampled" }, "--kind must be what the store began with, top-k, found sampled"],
      [{ temperature: 1 }, "--temperature"],
      [{ windows: 6 }, "--windows"],
      [{ seed: 2 }, "--seed"],
    ];
    for (const [change, reason] of changes) {
      const open = () => StoreWriter.open(path, { ...plan, ...change }, tokenizerJson, true);
      await assertRejects(open, UsageError, reason);
    }
    assertEquals(await hashesOf(path), hashes);

    const other = `${folder}/other`;
    await Deno.mkdir(other);
    await Deno.writeTextFile(`${other}/letter.txt`, "Dear");
    await assertRejects(() => write(other, ALL), FileError, "must hold store.json, found other files");
    assertEquals(Object.keys(await hashesOf(other)), ["letter.txt"]);
  }));

/** Writes shards as another process that begins and ends while the next one to lock the folder has not done so yet. */
async function beforeTheLock<T>(folder: string, shards: readonly number[][], next: () => Promise<T>): Promise<T> {
  const { open } = Deno;
  Deno.open = async (path, options) => {
    if (String(path) === `${folder}/.lock`) {
      Deno.open = open;
      await write(folder, shards);
    }
    return await open(path, options);
  };
  try {
    return await next();
  } finally {
    Deno.open = open;
  }
}

Deno.test("a store that another process wrote in the meantime is there for the next one, whole", () =>
  inFolder(async (folder) => {
    await write(`${folder}/whole`, ALL);
    const [taken, resumed] = [`${folder}/taken`, `${folder}/resumed`];
    await assertRejects(
      () => beforeTheLock(taken, ALL, () => write(taken, ALL)),
      UsageError,
      "there must be none, found one of 5 of 5 windows",
    );
    assertEquals(await hashesOf(taken), await hashesOf(`${folder}/whole`));
    await beforeTheLock(resumed, ALL.slice(0, 2), () => write(resumed, ALL.slice(2), true));
    assertEquals(await hashesOf(resumed), await hashesOf(`${folder}/whole`));
  }));

Deno.test("a store that is refused is not locked for those who come after", () =>
  inFolder(async (folder) => {
    await write(folder, ALL.slice(0, 1));
    const other = () => StoreWriter.open(folder, { ...plan, k: 3 }, tokenizerJson, true);
    for (const refused of [() => write(folder, ALL), other]) {
      await assertRejects(refused, UsageError);
      using lock = await tryLockFolder(folder);
      assert(lock);
    }
  }));

Deno.test("two processes do not write one store", () =>
  inFolder(async (folder) => {
    using _writer = await StoreWriter.open(folder, plan, tokenizerJson, false);
    await assertRejects(() => write(folder, ALL, true), FileError, "another process writes this store");
  }));
