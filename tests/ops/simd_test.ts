import { assert, assertEquals } from "@std/assert";
import asc from "assemblyscript/asc";

const ENTRY = "entry.as.ts";
const SOURCE = `
  import { exp4 } from "./simd/exp.as";
  import { log as log_ } from "./simd/log.as";
  import { erf4, tanh4 } from "./gelu/functions.as";
  export function exp(x: f32): f32 { return f32x4.extract_lane(exp4(f32x4.splat(x)), 0); }
  export function erf(x: f32): f32 { return f32x4.extract_lane(erf4(f32x4.splat(x)), 0); }
  export function tanh(x: f32): f32 { return f32x4.extract_lane(tanh4(f32x4.splat(x)), 0); }
  export function log(x: f32): f32 { return log_(x); }
`;

type Functions = Record<"exp" | "erf" | "tanh" | "log", (x: number) => number>;

/** The kernels' functions in a module of their own. */
async function compiled(features: readonly string[]): Promise<Functions> {
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main(
    [ENTRY, "--outFile", "out.wasm", "--runtime", "stub", "-O3", "--noAssert", "--disableWarning", "201"]
      .concat(features.flatMap((feature) => ["--enable", feature])),
    {
      readFile: async (path) =>
        path === ENTRY
          ? SOURCE
          : await Deno.readTextFile(new URL(`../../lib/ops/${path}`, import.meta.url)).catch(() => null),
      writeFile: (_path, contents) => {
        if (typeof contents !== "string") binary = contents as Uint8Array<ArrayBuffer>;
      },
      listFiles: () => [],
    },
  );
  assert(!error && binary, `${error?.message}\n${stderr}`);
  return (await WebAssembly.instantiate(binary)).instance.exports as Functions;
}

/** erf in double precision: a series whose terms are all positive. */
function erf(x: number): number {
  let term = x, sum = x;
  for (let n = 1; term > 1e-18 * sum; n++) sum += term *= 2 * x * x / (2 * n + 1);
  return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
}

/** The largest of `error(f(x), exact(x))` over evenly spaced numbers of single precision. */
function worst(
  [from, to]: readonly [number, number],
  f: (x: number) => number,
  exact: (x: number) => number,
  error: (actual: number, expected: number) => number,
): number {
  let most = 0;
  for (let i = 0; i <= 200_000; i++) {
    const x = Math.fround(from + (to - from) * i / 200_000);
    most = Math.max(most, error(f(x), exact(x)));
  }
  return most;
}

const absolute = (actual: number, expected: number) => Math.abs(actual - expected);
const relative = (actual: number, expected: number) => Math.abs(actual - expected) / Math.abs(expected);
const ULP = 2 ** -23;

for (const [build, features] of [["fused", ["simd", "relaxed-simd"]], ["plain", ["simd"]]] as const) {
  const of = await compiled(features);

  Deno.test(`exp is within two units in the last place, ${build} multiply-adds`, () => {
    assert(worst([-87.3, 88.3], of.exp, Math.exp, relative) < 2 * ULP);
    assert(worst([-1, 1], of.exp, Math.exp, relative) < 2 * ULP);
    assertEquals([of.exp(0), of.exp(-88), of.exp(-Infinity), of.exp(89), of.exp(Infinity), of.exp(NaN)], [
      1,
      0,
      0,
      Infinity,
      Infinity,
      NaN,
    ]);
  });

  Deno.test(`log is within two units in the last place, ${build} multiply-adds`, () => {
    assert(worst([2, 1e6], of.log, Math.log, relative) < 2 * ULP);
    assert(worst([1e-3, 2], of.log, Math.log, absolute) < 2 * ULP * Math.log(1e3));
    assertEquals([of.log(1), of.log(Infinity), of.log(NaN)], [0, Infinity, NaN]);
  });

  Deno.test(`tanh is within 3e-7 and erf within 6e-7, ${build} multiply-adds`, () => {
    assert(worst([-20, 20], of.tanh, Math.tanh, absolute) < 3e-7);
    assert(worst([-1, 1], of.tanh, Math.tanh, absolute) < 3e-7);
    const odd = (x: number) => x < 0 ? -erf(-x) : erf(x);
    assert(worst([-6, 6], of.erf, odd, absolute) < 6e-7);
    assertEquals([of.tanh(Infinity), of.tanh(-Infinity), of.erf(9), of.erf(-9)], [1, -1, 1, -1]);
  });
}
