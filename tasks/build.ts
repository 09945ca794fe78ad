/**
 * Compiles the CPU kernels, or compares them with what is committed.
 *
 *   deno task build
 *   deno task build --check
 */

import { z } from "zod";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { buildKernels, type BuildName, BUILDS } from "../lib/devices/cpu/build.ts";
import { runTask } from "../lib/io/terminal.ts";

const schema = z.strictObject({
  check: field(z.boolean().default(false), "compare with what is committed, and write nothing"),
});
const usage = "deno task build [flags]";
const examples = ["deno task build", "deno task build --check"];

const lib = new URL("../lib/", import.meta.url);

await runTask(async (args) => {
  const flags = parseFlags(schema, args);
  if (flags.help) return console.log(help(schema, { usage, examples }));
  const { check } = validate(schema, flags.values, flagNames());
  for (const name of Object.keys(BUILDS) as BuildName[]) {
    const built = await buildKernels(name, readText);
    const file = new URL(`devices/cpu/${name}`, lib);
    if (check) {
      const committed = await Deno.readFile(file);
      if (committed.length !== built.length || committed.some((byte, i) => byte !== built[i])) {
        throw new Error(`Cannot accept ${name}: it must be what its sources compile to; run 'deno task build'`);
      }
    } else {
      await Deno.writeFile(file, built);
    }
    console.log(`${check ? "Checked" : "Wrote"} lib/devices/cpu/${name}, ${built.length} bytes`);
  }
});

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(new URL(path, lib));
  } catch {
    return undefined;
  }
}
