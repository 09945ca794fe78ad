import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { buildKernels, type BuildName, BUILDS } from "../../../lib/devices/cpu/build.ts";

const lib = new URL("../../../lib/", import.meta.url);

async function readText(path: string): Promise<string | undefined> {
  return await Deno.readTextFile(new URL(path, lib)).catch(() => undefined);
}

/** The sections of a module: their numbers in WebAssembly's binary format. */
function sectionsOf(binary: Uint8Array): number[] {
  const sections = [];
  for (let at = 8; at < binary.length;) {
    sections.push(binary[at++]!);
    let length = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = binary[at++]!;
      length |= (byte & 127) << shift;
      more = byte > 127;
    }
    at += length;
  }
  return sections;
}

const DATA = 11;

for (const name of Object.keys(BUILDS) as BuildName[]) {
  Deno.test(`the committed ${name} is what its sources compile to`, async () => {
    const committed = await Deno.readFile(new URL(`devices/cpu/${name}`, lib));
    const built = await buildKernels(name, readText);
    assertEquals(built.length, committed.length, "run `deno task build`");
    assertEquals(built.findIndex((byte, i) => byte !== committed[i]), -1, "run `deno task build`");
  });

  Deno.test(`${name} holds no data, which would lie where host and threads talk`, async () => {
    const sections = sectionsOf(await Deno.readFile(new URL(`devices/cpu/${name}`, lib)));
    assertEquals(sections.includes(DATA), false);
    assertNotEquals(sections, []);
  });
}

Deno.test("a kernel that does not compile is an error in the compiler's words", async () => {
  const broken = async (path: string) => path.endsWith("copy.as.ts") ? "export function copy(" : await readText(path);
  await assertRejects(() => buildKernels("kernels.wasm", broken), Error, "Cannot build kernels.wasm: ");
});
