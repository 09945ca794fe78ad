/**
 * `deno task build`: compiles the CPU kernels, or compares them with what is committed.
 *
 * @module
 */

import { buildKernels, type BuildName, BUILDS } from "../lib/devices/cpu/build.ts";

const lib = new URL("../lib/", import.meta.url);
const check = Deno.args.includes("--check");

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(new URL(path, lib));
  } catch {
    return undefined;
  }
}

for (const name of Object.keys(BUILDS) as BuildName[]) {
  const built = await buildKernels(name, readText);
  const file = new URL(`devices/cpu/${name}`, lib);
  if (check) {
    const committed = await Deno.readFile(file);
    if (committed.length !== built.length || committed.some((byte, i) => byte !== built[i])) {
      console.error(`Cannot accept ${name}: it must be what its sources compile to; run 'deno task build'`);
      Deno.exit(1);
    }
  } else {
    await Deno.writeFile(file, built);
  }
  console.log(`${check ? "Checked" : "Wrote"} lib/devices/cpu/${name}, ${built.length} bytes`);
}
