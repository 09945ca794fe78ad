/**
 * A model on other axes of its residual stream.
 *
 * @module
 */

import type { Device } from "../../devices/device.ts";
import { Graph } from "../../graph/graph.ts";
import { plan } from "../../graph/plan.ts";
import { fusedRows } from "../../model/block_shape.ts";
import { blockShapes } from "../../model/blocks.ts";
import type { GPTNeoXConfig } from "../../model/config.ts";
import { hiddenFlopsPerToken } from "../../model/flops.ts";
import { Model } from "../../model/model.ts";
import type { ParameterValues } from "../../model/parameters.ts";
import { matmul } from "../../ops/matmul/mod.ts";
import { streamCovariance } from "./covariance.ts";
import { type PrincipalAxes, principalAxes } from "./rotation.ts";

/** Below it a gain of the last norm cannot be divided by. */
const SMALLEST_GAIN = 1e-6;

/**
 * Turns a teacher onto the principal axes of its residual stream: a model of the same logits, but for rounding, whose
 * first coordinates of width hold most of what the stream holds. A student that keeps the first of them inherits the
 * best subspace of its size instead of some coordinates, as in SliceGPT (Ashkboos et al. 2024, arXiv 2401.15024), with
 * one rotation for all layers, and with norms that subtract means.
 *
 * Gains and biases of norms move into the layers that read them; the last norm keeps a bias.
 *
 * @param sequences Calibration text: sequences of equal length; more tokens than the teacher's width.
 * @returns A model on the same device, which is the caller's to free.
 * @throws {RangeError} If embeddings are tied, the attention has no biases, or a gain of the last norm is zero; or if
 *   lengths differ or a token is not in the vocabulary.
 */
export async function turnToPrincipalAxes(
  teacher: Model,
  sequences: readonly (readonly number[])[],
): Promise<Model> {
  return await turnTo(teacher, await principalAxesOf(teacher, sequences));
}

/**
 * Finds the principal axes of a teacher's residual stream.
 *
 * @param sequences As for {@linkcode turnToPrincipalAxes}.
 * @throws {RangeError} If the teacher cannot be turned to them, lengths differ or a token is not in the vocabulary.
 */
export async function principalAxesOf(
  teacher: Model,
  sequences: readonly (readonly number[])[],
): Promise<PrincipalAxes> {
  checkTurnable(teacher.config);
  return principalAxes(await streamCovariance(teacher, sequences), teacher.config.width);
}

/**
 * Turns a teacher to axes that are known; see {@linkcode turnToPrincipalAxes}.
 *
 * @throws {RangeError} If its weights cannot take up what its norms do.
 */
export async function turnTo(teacher: Model, { rotation }: Pick<PrincipalAxes, "rotation">): Promise<Model> {
  const { config, device, tokenizerJson } = teacher;
  checkTurnable(config);
  const parameters = await turned(device, config, await teacher.parameters(), rotation);
  return await Model.create(device, config, parameters, tokenizerJson);
}

/**
 * Counts the floating-point operations of {@linkcode turnToPrincipalAxes}: a pass over the text, the products of what
 * norms read, the decomposition, and the rotation of all weights.
 *
 * @param tokens Tokens of the text, in sequences of `sequence`.
 */
export function turnFlops(config: GPTNeoXConfig, tokens: number, sequence: number): number {
  const { layers, width, vocabularySize, parallelResidual } = config;
  const norms = layers * (parallelResidual ? 1 : 2) + 1;
  const rows = blockShapes(config).reduce(
    (sum, block) => sum + fusedRows(block) + block.heads * block.headSize + 2 * block.mlpWidth,
    2 * vocabularySize,
  );
  return tokens * hiddenFlopsPerToken(config, sequence) + 2 * tokens * norms * width ** 2 + 9 * width ** 3 +
    2 * rows * width ** 2;
}

function checkTurnable({ tiedEmbeddings, attentionBias }: GPTNeoXConfig): void {
  const refuse = (rule: string, found: string) => {
    throw new RangeError(
      `Cannot turn the teacher to principal axes: ${rule}, found ${found}; keep its axes as they are given`,
    );
  };
  if (tiedEmbeddings) refuse("its output projection must be its own, as it takes up the last norm's gains", "it tied");
  if (!attentionBias) refuse("its attention must have biases, as they take up those of a norm", "none");
}

async function turned(
  device: Device,
  { layers, width }: GPTNeoXConfig,
  given: ParameterValues,
  rotation: Float32Array<ArrayBuffer>,
): Promise<ParameterValues> {
  // In the order of the teacher's, which is that of files and pages.
  const result: ParameterValues = new Map([...given].map(([name, values]) => [name, values.slice()]));
  const of = (name: string) => given.get(name)!;
  const readsStream = async (name: string, gain?: Float32Array) => {
    const weight = gain ? of(name).map((value, i) => value * gain[i % width]!) : of(name);
    result.set(name, await product(device, weight, rotation, width, "NT"));
  };
  const writesStream = async (name: string) => {
    result.set(`${name}.weight`, await product(device, rotation, of(`${name}.weight`), width, "NN"));
    result.set(`${name}.bias`, await product(device, rotation, of(`${name}.bias`), width, "NN"));
  };
  await readsStream("gpt_neox.embed_in.weight");
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `gpt_neox.layers.${layer}`;
    for (const [norm, reader] of [NORMED_ATTENTION, NORMED_MLP]) {
      const [gain, bias] = [of(`${prefix}.${norm}.weight`), of(`${prefix}.${norm}.bias`)];
      await readsStream(`${prefix}.${reader}.weight`, gain);
      const shift = times(of(`${prefix}.${reader}.weight`), bias);
      result.set(`${prefix}.${reader}.bias`, of(`${prefix}.${reader}.bias`).map((value, i) => value + shift[i]!));
      result.get(`${prefix}.${norm}.weight`)!.fill(1);
      result.get(`${prefix}.${norm}.bias`)!.fill(0);
    }
    await writesStream(`${prefix}.attention.dense`);
    await writesStream(`${prefix}.mlp.dense_4h_to_h`);
  }
  const gain = of("gpt_neox.final_layer_norm.weight");
  const zero = gain.findIndex((value) => Math.abs(value) < SMALLEST_GAIN);
  if (zero >= 0) {
    throw new RangeError(
      `Cannot turn the teacher to principal axes: gains of its last norm must be at least ${SMALLEST_GAIN}, found ` +
        `${gain[zero]} at ${zero}; keep its axes as they are given`,
    );
  }
  await readsStream("embed_out.weight", gain);
  const shift = of("gpt_neox.final_layer_norm.bias").map((value, i) => value / gain[i]!);
  result.get("gpt_neox.final_layer_norm.weight")!.fill(1);
  result.set("gpt_neox.final_layer_norm.bias", await product(device, rotation, shift, width, "NN"));
  return result;
}

const NORMED_ATTENTION = ["input_layernorm", "attention.query_key_value"] as const;
const NORMED_MLP = ["post_attention_layernorm", "mlp.dense_h_to_4h"] as const;

/** A product in which both share the width: of rows with the rotation transposed, or of the rotation with columns. */
async function product(
  device: Device,
  a: Float32Array<ArrayBuffer>,
  b: Float32Array<ArrayBuffer>,
  width: number,
  form: "NT" | "NN",
): Promise<Float32Array<ArrayBuffer>> {
  const graph = new Graph();
  const left = graph.input("a", [a.length / width, width]);
  const right = graph.input("b", [width, b.length / width]);
  const result = graph.output(matmul(left, right, { form }));
  using program = await device.compile(plan(graph));
  program.run({ a, b });
  return await program.read(result);
}

/** A matrix `[rows, columns]` times a column. */
function times(matrix: Float32Array, column: Float32Array): Float64Array {
  return Float64Array.from({ length: matrix.length / column.length }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < column.length; i++) sum += matrix[row * column.length + i]! * column[i]!;
    return sum;
  });
}
