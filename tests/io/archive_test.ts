import { assert, assertEquals, assertRejects } from "@std/assert";
import { packTar } from "modern-tar";
import { packArchive, unpackArchive, writeNewFolder } from "../../lib/io/archive.ts";
import { FileError } from "../../lib/io/file_error.ts";
import { inFolder } from "./temporary_folder.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const files = [
  { path: "first.json", bytes: encode("{}") },
  { path: `${"long/".repeat(40)}name.txt`, bytes: encode("text") },
  { path: "empty", bytes: encode("") },
];

/** What another program may put into an archive. */
async function foreign(...headers: { name: string; type?: "file" | "symlink"; linkname?: string }[]) {
  const entries = headers.map(({ type = "file" as const, ...header }) => ({ header: { ...header, type, size: 0 } }));
  return await zipped(await packTar(entries));
}

async function zipped(tar: Uint8Array<ArrayBuffer>) {
  return new Uint8Array(
    await new Response(new Blob([tar]).stream().pipeThrough(new CompressionStream("gzip"))).bytes(),
  );
}

Deno.test("an archive holds its files in their order, with long names, and the same files give the same bytes", async () => {
  const bytes = await packArchive(files);
  assertEquals(await unpackArchive(bytes, "x"), files);
  assertEquals(await packArchive(files), bytes);
});

Deno.test("an archive that other programs read is an ordinary one", () =>
  inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/a.tar.gz`, await packArchive(files));
    const { stdout } = await new Deno.Command("tar", { args: ["tzf", `${folder}/a.tar.gz`] }).output();
    assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), files.map(({ path }) => path));
  }));

Deno.test("paths that leave the folder, links and names that occur twice are refused by name", async () => {
  const refused: [{ name: string; type?: "symlink"; linkname?: string }[], string][] = [
    [[{ name: "../evil" }], `its files must stay in one folder, found the path "../evil"`],
    [[{ name: "a/../../evil" }], `found the path "a/../../evil"`],
    [[{ name: "/etc/evil" }], `found the path "/etc/evil"`],
    [[{ name: "link", type: "symlink", linkname: "/etc" }], `plain files only, found the symlink "link"`],
    [[{ name: "a" }, { name: "a" }], `names of their own, found "a" twice`],
  ];
  for (const [headers, reason] of refused) {
    const bytes = await foreign(...headers);
    await assertRejects(() => unpackArchive(bytes, "x.tar.gz"), FileError, `Cannot read 'x.tar.gz': `);
    await assertRejects(() => unpackArchive(bytes, "x.tar.gz"), FileError, reason);
  }
  await assertRejects(() => packArchive([{ path: "../x", bytes: encode("") }]), FileError, "Cannot write '../x'");
});

Deno.test("an archive with a changed byte is refused or means the same, and one that was cut short is refused", async () => {
  const bytes = await packArchive(files);
  let refused = 0;
  for (let i = 10; i < bytes.length; i++) {
    // Some bits of a deflated stream are of no meaning.
    const found = await unpackArchive(bytes.with(i, bytes[i]! ^ 0x20), "x").catch((error) => error);
    if (found instanceof FileError) refused++;
    else assertEquals(found, files, `byte ${i}`);
  }
  assert(refused > 0.9 * (bytes.length - 10), `${refused} of ${bytes.length}`);
  await assertRejects(() => unpackArchive(bytes.slice(0, -20), "x"), FileError, "it must be a whole .tar.gz archive");
  const tar = await packTar([{ header: { name: "a", size: 0 } }]);
  const header = await zipped(tar.with(1, 98)); // the name is "ab" now, and the header's sum is wrong
  await assertRejects(() => unpackArchive(header, "x"), FileError, "Invalid tar header checksum; fetch it again");
  await assertRejects(() => unpackArchive(encode("no archive"), "x"), FileError, "it must be a whole .tar.gz archive");
});

Deno.test("files are written into a new or an empty folder only", () =>
  inFolder(async (folder) => {
    await writeNewFolder(`${folder}/new`, files);
    assertEquals(await Deno.readTextFile(`${folder}/new/${files[1]!.path}`), "text");
    await assertRejects(() => writeNewFolder(`${folder}/new`, files), FileError, "the folder must be new or empty");
  }));
