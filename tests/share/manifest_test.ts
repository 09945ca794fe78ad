import { assert, assertEquals, assertRejects } from "@std/assert";
import { canonicalJson, sha256 } from "../../lib/data/hash.ts";
import { FORMAT, type PackManifest, parseManifest, printManifest } from "../../lib/share/manifest.ts";

const hash = "0".repeat(64);
const manifest: PackManifest = {
  ...{ format: FORMAT, kind: "run", name: "first", seeds: { seed: 1 } },
  environment: { deno: "2.9.6", lock: hash, device: { kind: "cpu", name: "WebAssembly" } },
  weights: { step: 3, sha256: hash },
  inputs: [{ field: "corpus", given: "a.txt", kind: "packed", place: "inputs/corpus/a.txt", bytes: 2, sha256: hash }],
  files: [{ path: "run/log.jsonl", bytes: 3, sha256: hash }],
};

/** The text of a manifest with another content, whose own hash fits. */
async function forged(change: Record<string, unknown>): Promise<string> {
  const content = { ...manifest, ...change };
  return JSON.stringify({ ...content, sha256: await sha256(new TextEncoder().encode(canonicalJson(content))) });
}

Deno.test("a manifest is read as it was written", async () => {
  assertEquals(await parseManifest(await printManifest(manifest)), manifest);
});

Deno.test("every changed character of a manifest that means something is found", async () => {
  const text = await printManifest(manifest);
  for (const [from, to] of [["first", "worst"], ['"step": 3', '"step": 4'], [hash, `1${hash.slice(1)}`]] as const) {
    assert(text.includes(from));
    await assertRejects(() => parseManifest(text.replace(from, to)), RangeError, "manifest.json must have the SHA-256");
  }
});

Deno.test("what is no manifest, or of another version, is refused with what was found", async () => {
  await assertRejects(() => parseManifest("no"), RangeError, 'manifest.json must be a JSON object, found "no"');
  await assertRejects(() => parseManifest("[]"), RangeError, "must be a JSON object");
  const newer = await forged({ format: "offshoot share 2" });
  await assertRejects(() => parseManifest(newer), RangeError, `the format '${FORMAT}', found "offshoot share 2"`);
});

Deno.test("a manifest that names a path outside its folder is refused by name, though its hash fits", async () => {
  const files = [{ ...manifest.files[0], path: "../log.jsonl" }];
  await assertRejects(
    async () => parseManifest(await forged({ files })),
    RangeError,
    `'files.0.path' of manifest.json must stay in its folder, found "../log.jsonl"`,
  );
  const inputs = [{ ...manifest.inputs[0], place: "/etc/passwd" }];
  await assertRejects(async () => parseManifest(await forged({ inputs })), RangeError, 'found "/etc/passwd"');
  await assertRejects(async () => parseManifest(await forged({ name: "a/b" })), RangeError, "must be one name");
});
