/**
 * A GPT-NeoX of thousands of parameters, and how two sets of values are compared.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { sizeOf } from "../../lib/graph/tensor.ts";
import type { GPTNeoXConfig } from "../../lib/model/config.ts";
import type { ParameterValues } from "../../lib/model/parameters.ts";
import { parameterSpecs } from "../../lib/model/parameters.ts";
import type { Batch } from "../../lib/data/batches.ts";
import { integers, normals } from "../ops/harness.ts";

/** Pythia's form at sizes that are no multiple of any tile: vocabulary 37, feed-forward network 50. */
export const smallNeoX: GPTNeoXConfig = {
  vocabularySize: 37,
  width: 24,
  layers: 2,
  heads: 3,
  mlpWidth: 50,
  sequence: 7,
  rotaryFraction: 0.25,
  rotaryBase: 10_000,
  parallelResidual: true,
  attentionBias: true,
  epsilon: 1e-5,
  tiedEmbeddings: false,
  activation: "gelu",
  initialRange: 0.02,
};

/** Weights far larger than initial ones, so that no softmax is flat and no gelu linear; gains and biases random too. */
export function largeParameters(config: GPTNeoXConfig): ParameterValues {
  return new Map(
    parameterSpecs(config).map(({ name, shape }) => {
      const values = normals(name, sizeOf(shape), shape.length === 2 ? 1.6 / Math.sqrt(shape[1]!) : 0.3);
      const gain = name.endsWith("norm.weight");
      return [name, gain ? values.map((value) => 1 + value) : values];
    }),
  );
}

/** Rows of random tokens. */
export function randomTokens({ vocabularySize }: GPTNeoXConfig, rows: number, length: number): number[][] {
  const all = [...integers("tokens", rows * length, vocabularySize)];
  return Array.from({ length: rows }, (_, row) => all.slice(row * length, (row + 1) * length));
}

/** What one pass over rows of `sequence + 1` tokens reads. */
export function passOf(tokens: readonly (readonly number[])[]): Batch {
  return {
    tokens: Uint32Array.from(tokens.flatMap((row) => row.slice(0, -1))),
    targets: Uint32Array.from(tokens.flatMap((row) => row.slice(1))),
  };
}

/** The norm of the difference over the norm of what is expected. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  assertEquals(actual.length, expected.length);
  let difference = 0, norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  return Math.sqrt(difference / norm);
}

/** Checks that every tensor is there, in the same order, and within a relative error of the expected one. */
export function assertSameValues(actual: ParameterValues, expected: ParameterValues, tolerance: number): void {
  assertEquals([...actual.keys()], [...expected.keys()]);
  for (const [name, values] of expected) {
    const error = relativeError(actual.get(name)!, values);
    assert(error <= tolerance, `${name}: relative error ${error}`);
  }
}
