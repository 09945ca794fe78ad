/**
 * The compiler of the CPU kernels: AssemblyScript to WebAssembly. Only `deno task build` and its test use it.
 *
 * @module
 */

import asc from "assemblyscript/asc";
import { KERNEL_FILES } from "../../ops/kernel_files.ts";

/** The builds there are; a device takes the first that the engine understands. */
export const BUILDS = {
  /** Fused multiply-adds and shared memory. */
  "kernels.wasm": { features: ["simd", "relaxed-simd", "threads"], shared: true },
  /** For engines without relaxed SIMD. */
  "kernels.plain.wasm": { features: ["simd", "threads"], shared: true },
  /** For pages and runtimes without shared memory. */
  "kernels.alone.wasm": { features: ["simd", "threads"], shared: false },
} as const;

/** The file name of a build. */
export type BuildName = keyof typeof BUILDS;

const ENTRY = "devices/cpu/walk.as.ts";
const CALLS = "devices/cpu/calls.as.ts";
const PAGE_BYTES = 65_536;

/**
 * Compiles one build.
 *
 * @param readText Returns the text of a file by its path below `lib`, `undefined` if there is none.
 * @throws {Error} If a kernel does not compile, in the compiler's words.
 */
export async function buildKernels(
  name: BuildName,
  readText: (path: string) => Promise<string | undefined>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { features, shared } = BUILDS[name];
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main([
    ENTRY,
    ...[
      "--outFile",
      "kernels.wasm",
      "--runtime",
      "stub",
      "--noAssert",
      "--memoryBase",
      "8192",
      "--disableWarning",
      "201",
      "-O3",
      "--converge",
    ],
    ...["--importMemory", "--initialMemory", "1", "--maximumMemory", `${2 ** 32 / PAGE_BYTES}`],
    ...(shared ? ["--sharedMemory"] : []),
    ...features.flatMap((feature) => ["--enable", feature]),
  ], {
    readFile: async (path) => path === CALLS ? calls() : await readText(path) ?? null,
    writeFile: (_path, contents) => {
      if (typeof contents !== "string") binary = contents as Uint8Array<ArrayBuffer>;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`Cannot build ${name}: ${error?.message ?? "no output"}\n${stderr}`);
  return binary;
}

/** AssemblyScript text of `call`, which runs a unit of the kernel of a number. */
function calls(): string {
  const imports = Object.entries(KERNEL_FILES).map(([file, names]) =>
    `import { ${names.map((name) => `${name} as ${name}_`).join(", ")} } from "../../ops/${file.replace(/\.ts$/, "")}";`
  );
  const cases = Object.values(KERNEL_FILES).flat().map((name, i) =>
    `    case ${i}: ${name}_(p, unit, scratch); return;`
  );
  return [
    ...imports,
    "export function call(kernel: u32, p: usize, unit: u32, scratch: usize): void {",
    "  switch (kernel) {",
    ...cases,
    "    default: unreachable();",
    "  }",
    "}",
  ].join("\n");
}
