import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { type CorpusSpec, readCorpus } from "../../lib/io/corpus.ts";
import { readLines } from "../../lib/io/corpus_utf8.ts";
import { FileError } from "../../lib/io/file_error.ts";

/** Makes a folder of files for one test and removes it afterwards. */
async function withFiles(
  files: Record<string, string | Uint8Array>,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = `${folder}/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
    }
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function texts(spec: CorpusSpec): Promise<string[]> {
  return (await readCorpus(spec)).documents.map(({ text }) => text);
}

async function assertRefused(spec: CorpusSpec, message: string): Promise<void> {
  const error = await assertRejects(() => readCorpus(spec), FileError, message);
  assert(!error.message.includes("\n"), "the message must be one line");
}

Deno.test("readCorpus() reads the State of the Union addresses by name", async () => {
  const { documents, name, hash } = await readCorpus({ source: "sotu" });
  assertEquals([name, documents.length], ["sotu", 233]);
  assertEquals(documents[0]!.id, "1790 George Washington");
  assertEquals(new Set(documents.map(({ id }) => id)).size, 233);
  assertEquals(documents.reduce((sum, { text }) => sum + text.length, 0), 10_759_831);
  assertEquals(hash.length, 64);
});

Deno.test("readCorpus() reads a folder's texts at any depth, sorted by path", async () => {
  const files = { "b.txt": "B", "a/z.md": "Z", "a/c.TXT": "C", "a.bin": "no", "empty.txt": "", "a/b/d.txt": "\ufeffD" };
  await withFiles(files, async (folder) => {
    const { documents } = await readCorpus({ source: folder });
    assertEquals(documents, [
      { id: "a/b/d.txt", text: "D" },
      { id: "a/c.TXT", text: "C" },
      { id: "a/z.md", text: "Z" },
      { id: "b.txt", text: "B" },
    ]);
  });
});

Deno.test("readCorpus() cuts a text file into blocks that give the text, or at a separator", async () => {
  const text = "One line of the story.\n".repeat(500);
  await withFiles({ "story.txt": text, "stories.txt": "One\n***\nTwo\r\nlines\n***\n\n***\n" }, async (folder) => {
    const blocks = await texts({ source: `${folder}/story.txt` });
    assert(blocks.length > 5);
    assertEquals(blocks.join(""), text);
    assertEquals(await texts({ source: `${folder}/stories.txt`, separator: "\\n***" }), ["One", "Two\r\nlines"]);
  });
});

Deno.test("readCorpus() reads the named field of JSON Lines", async () => {
  const lines = '\ufeff{"text": "a\\nb", "body": "B"}\r\n\n  \n{"text": "ü", "body": "C"}';
  await withFiles({ "data.jsonl": lines }, async (folder) => {
    const source = `${folder}/data.jsonl`;
    const { documents } = await readCorpus({ source });
    assertEquals(documents, [{ id: `${source}:1`, text: "a\nb" }, { id: `${source}:4`, text: "ü" }]);
    assertEquals(await texts({ source, field: "body" }), ["B", "C"]);
  });
});

Deno.test("readLines() joins lines and characters that are split between blocks", async () => {
  const short = Array.from({ length: 150_000 }, (_, i) => `line ${i}`);
  const lines = ["é".repeat(700_000), "", "x".repeat(1 << 20), "ü".repeat(900_001), ...short, "end"];
  await withFiles({ "long.jsonl": lines.join("\n") }, async (folder) => {
    const read = await Array.fromAsync(readLines(`${folder}/long.jsonl`));
    assertEquals(read.length, lines.length);
    assert(read.every((line, i) => line === lines[i]));
  });
});

Deno.test("Corpus.hash follows the texts and how they are divided", async () => {
  const files = { "1/a.txt": "ab", "1/b.txt": "c", "2/x.txt": "ab", "2/y.txt": "c", "3/a.txt": "a", "3/b.txt": "bc" };
  await withFiles(files, async (folder) => {
    const [one, two, three] = await Promise.all(
      ["1", "2", "3"].map((name) => readCorpus({ source: `${folder}/${name}` })),
    );
    assertEquals(one!.hash, two!.hash);
    assertNotEquals(one!.hash, three!.hash);
  });
});

Deno.test("readCorpus() says in one line what is wrong with a source", async () => {
  const latin = Uint8Array.from([0x6f, 0x6b, 0x0a, 0x63, 0x61, 0x66, 0xe9, 0x0a]);
  const files = {
    "empty/readme.rst": "no text files",
    "blank/a.txt": "",
    "void.txt": "",
    "latin.txt": latin,
    "latin.jsonl": latin.map((byte) => byte === 0x6f ? 0x20 : byte === 0x6b ? 0x20 : byte),
    "broken.jsonl": '{"text": "fine"}\n{"text": \n',
    "list.jsonl": "[1]\n",
    "other.jsonl": '{"text": "fine"}\n{"body": "x", "title": "y"}\n',
    "number.jsonl": '{"text": 7}\n',
    "ok.txt": "fine",
  };
  await withFiles(files, async (folder) => {
    const at = (name: string): string => `${folder}/${name}`;
    await assertRefused({ source: at("missing.txt") }, "it does not exist; check the path");
    await assertRefused({ source: at("empty") }, "must hold .txt or .md files, found none");
    await assertRefused({ source: at("blank") }, "must hold at least one document with text, found none");
    await assertRefused({ source: at("void.txt") }, "must hold at least one document with text, found none");
    await assertRefused({ source: at("latin.txt") }, "must be UTF-8, found other bytes in line 2");
    await assertRefused({ source: at("latin.jsonl") }, "must be UTF-8, found other bytes in line 2");
    await assertRefused({ source: at("broken.jsonl") }, 'line 2 must be JSON, found {"text":');
    await assertRefused({ source: at("list.jsonl") }, "line 1 must be a JSON object, found [1]");
    await assertRefused({ source: at("other.jsonl") }, "in the field 'text', found only 'body', 'title'");
    await assertRefused(
      { source: at("number.jsonl") },
      "line 1 must have its text as a string in the field 'text', found 7",
    );
    await assertRefused({ source: folder, separator: "x" }, "'separator' is for text files, found a folder");
    await assertRefused({ source: at("ok.txt"), separator: "" }, "'separator' must not be empty");
  });
});
