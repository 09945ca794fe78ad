import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { bytesOf } from "../../lib/data/byte_level.ts";
import { type Corpus, splitDocuments } from "../../lib/data/document.ts";
import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import { trainTokenizer } from "../../lib/data/tokenizer_train.ts";
import { FileError } from "../../lib/io/file_error.ts";
import { bytesPerToken, openTokens, prepareTokens, type TokenStore } from "../../lib/io/token_store.ts";

const documents = Array.from({ length: 40 }, (_, i) => ({
  id: `${i}`,
  text: `Document ${i} says: naïve ${"words ".repeat(i)}`,
}));
const corpus: Corpus = { name: "test", documents, hash: "a".repeat(64) };
const json = trainTokenizer(documents.map(({ text }) => text), { vocabularySize: 280 });
const tokenizer = await loadTokenizer(json);

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const parent = await Deno.makeTempDir();
  try {
    await test(`${parent}/tokens`);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

/** The documents of a store as text: the train split's and then the validation split's. */
function decode({ train, validation }: TokenStore): string[] {
  return `${tokenizer.decode(train)}${tokenizer.decode(validation)}`.split("<|endoftext|>").slice(0, -1);
}

async function modified(path: string): Promise<number> {
  return (await Deno.stat(path)).mtime!.getTime();
}

Deno.test("prepareTokens() stores each document of each split, ended by the end-of-text token", async () => {
  await withFolder(async (directory) => {
    const store = await prepareTokens({ corpus, tokenizer, directory, fraction: 0.2, seed: 3 });
    const { train, validation } = splitDocuments(documents, { fraction: 0.2, seed: 3 });
    assertEquals(decode(store), [...train, ...validation].map(({ text }) => text));
    assertEquals(store.train.at(-1), tokenizer.endOfText);
    assert(store.train instanceof Uint16Array);

    const { manifest } = store;
    assertEquals(manifest.dtype, "u16");
    for (const [shard, part] of [[manifest.train, train], [manifest.validation, validation]] as const) {
      assertEquals(shard.documents, part.length);
      assertEquals(shard.bytes, part.reduce((sum, { text }) => sum + bytesOf(text).length, 0));
      assertEquals((await Deno.stat(`${directory}/${shard.file}`)).size, 2 * shard.tokens);
    }
    assertEquals(manifest.train.tokens, store.train.length);
    assertAlmostEquals(bytesPerToken(manifest.train), manifest.train.bytes / store.train.length, 1e-12);
  });
});

Deno.test("a large vocabulary is stored in 32 bits", async () => {
  const added = { ...json.added_tokens[0], id: 70_000, content: "<|far|>" };
  const large = await loadTokenizer({ ...json, added_tokens: [...json.added_tokens, added] });
  const marked = { ...corpus, documents: [...documents, { id: "far", text: "<|far|>" }] };
  await withFolder(async (directory) => {
    const store = await prepareTokens({ corpus: marked, tokenizer: large, directory });
    assertEquals(store.manifest.dtype, "u32");
    assert([...store.train, ...store.validation].includes(70_000));
  });
});

Deno.test("prepareTokens() takes what is there while nothing changed, and encodes again when something did", async () => {
  await withFolder(async (directory) => {
    const options = { corpus, tokenizer, directory };
    const first = await prepareTokens(options);
    const old = new Date(1000);
    await Deno.utime(`${directory}/train.bin`, old, old);
    assertEquals(await prepareTokens(options), first);
    assertEquals(await modified(`${directory}/train.bin`), 1000);
    assertEquals(await openTokens(directory), first);

    const other = await loadTokenizer(trainTokenizer(documents.map(({ text }) => text), { vocabularySize: 270 }));
    const changes = [{ seed: 1 }, { fraction: 0.3 }, { tokenizer: other }, {
      corpus: { ...corpus, hash: "b".repeat(64) },
    }];
    for (const change of changes) {
      await prepareTokens(options);
      await Deno.utime(`${directory}/train.bin`, old, old);
      const changed = await prepareTokens({ ...options, ...change });
      assertNotEquals(changed.manifest, first.manifest);
      assertNotEquals(await modified(`${directory}/train.bin`), 1000);
    }
  });
});

Deno.test("prepareTokens() writes the same bytes twice", async () => {
  await withFolder(async (directory) => {
    const read = async (name: string): Promise<Uint8Array> => {
      await prepareTokens({ corpus, tokenizer, directory: `${directory}-${name}` });
      return await Deno.readFile(`${directory}-${name}/manifest.json`);
    };
    assertEquals(await read("one"), await read("two"));
  });
});

Deno.test("a damaged, truncated or missing shard is named", async () => {
  await withFolder(async (directory) => {
    const options = { corpus, tokenizer, directory };
    const shard = `${directory}/validation.bin`;
    const refuses = async (message: string): Promise<void> => {
      for (const open of [() => prepareTokens(options), () => openTokens(directory)]) {
        await assertRejects(open, FileError, `Cannot read '${shard}': ${message}`);
      }
    };
    await prepareTokens(options);
    const content = await Deno.readFile(shard);
    await Deno.writeFile(shard, content.with(5, content[5]! ^ 1));
    await refuses("its SHA-256 must be ");
    await Deno.writeFile(shard, content.subarray(0, -1));
    await refuses(`it must have ${content.length} bytes, found ${content.length - 1}`);
    await Deno.remove(shard);
    await refuses("it does not exist");
  });
});

Deno.test("a folder that is not a folder of tokens is left as it is", async () => {
  await withFolder(async (directory) => {
    const options = { corpus, tokenizer, directory };
    await assertRejects(() => openTokens(directory), FileError, "must be a folder of tokens, found nothing there");
    await Deno.mkdir(directory);
    await Deno.writeTextFile(`${directory}/thesis.txt`, "precious");
    await assertRejects(() => prepareTokens(options), FileError, "must hold manifest.json, found other files");
    assertEquals(await Deno.readTextFile(`${directory}/thesis.txt`), "precious");

    const manifest = `${directory}/manifest.json`;
    for (
      const [text, message] of [
        ['{"name": "an app"}', "it must be a manifest of tokens, found 'format' wrong"],
        ["[]", "found the file wrong"],
        ["{", "it must be JSON"],
      ]
    ) {
      await Deno.writeTextFile(manifest, text!);
      await assertRejects(() => prepareTokens(options), FileError, message);
      assertEquals(await Deno.readTextFile(manifest), text);
    }
    const file = `${directory}/thesis.txt`;
    await assertRejects(
      () => prepareTokens({ ...options, directory: file }),
      FileError,
      "a part of the path is a file",
    );
  });
});

Deno.test("prepareTokens() needs an end-of-text token", async () => {
  const endless = { ...tokenizer, endOfText: undefined };
  await assertRejects(
    () => prepareTokens({ corpus, tokenizer: endless, directory: "never/written" }),
    RangeError,
    "the tokenizer must have an end-of-text token (<|endoftext|>, <|end_of_text|>, </s>, <eos>), found none; name the token",
  );
});
