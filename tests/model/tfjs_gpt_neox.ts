/**
 * GPT-NeoX once more, in TensorFlow.js: the oracle of whole models. It reads parameters by their Hugging Face names, in
 * the layout of Hugging Face's files, and shares nothing with the engine but the list of names and shapes.
 *
 * @module
 */
import type { GPTNeoXConfig } from "../../lib/model/config.ts";
import type { HiddenAlignment } from "../../lib/model/hidden_alignment.ts";
import type { ParameterValues } from "../../lib/model/parameters.ts";
import { parameterSpecs } from "../../lib/model/parameters.ts";
import type { Divergence } from "../../lib/ops/distillation/mod.ts";
import type { Coefficients } from "../../lib/train/training_step.ts";
import { tf } from "../ops/harness.ts";
import { tfDivergences } from "../ops/tf_divergences.ts";

type Tensors = ReadonlyMap<string, tf.Tensor>;

/** Logits `[batch, sequence, vocabulary]` of `[batch, sequence]` tokens. */
export function tfLogits(config: GPTNeoXConfig, parameters: ParameterValues, tokens: number[][]): Float32Array {
  return forward(config, toTensors(config, parameters), tokens).dataSync() as Float32Array;
}

/** What a model learns from besides the text. */
export interface TfTeacher extends Coefficients {
  readonly config: GPTNeoXConfig;
  readonly parameters: ParameterValues;
  readonly divergence: Divergence;
  readonly weight: number;
  /** What is compared of hidden states; a projection is the student's parameter of that name. */
  readonly hidden?: HiddenAlignment;
}

/**
 * The mean loss of rows of `sequence + 1` tokens, its gradient with respect to every parameter and `projection`, and the
 * parts of the loss; without a teacher it is the cross-entropy.
 */
export function tfLossAndGradients(
  config: GPTNeoXConfig,
  parameters: ParameterValues,
  tokens: number[][],
  teacher?: TfTeacher,
): { loss: number; gradients: ParameterValues; crossEntropy: number; divergence: number; hiddenLoss: number } {
  const projection = parameters.get("projection");
  const tensors = new Map([
    ...toTensors(config, parameters),
    ...(projection ? [["projection", tf.tensor(projection, [teacher!.config.width, config.width])] as const] : []),
  ]);
  const names = [...tensors.keys()];
  const read = tokens.map((row) => row.slice(0, -1));
  const theirs: tf.Tensor[] = [];
  const taught = teacher && forward(teacher.config, toTensors(teacher.config, teacher.parameters), read, theirs);
  const parts = { crossEntropy: 0, divergence: 0, hiddenLoss: 0 };
  const loss = (...values: tf.Tensor[]): tf.Scalar => {
    const given = new Map(names.map((name, i) => [name, values[i]!]));
    const own: tf.Tensor[] = [];
    const logits = forward(config, given, read, own);
    const targets = tf.oneHot(tf.tensor2d(tokens.map((row) => row.slice(1)), undefined, "int32"), logits.shape[2]!);
    const crossEntropy: tf.Scalar = logits.logSumExp(-1).sub(logits.mul(targets).sum(-1)).mean();
    parts.crossEntropy = crossEntropy.dataSync()[0]!;
    if (!teacher) return crossEntropy;
    const { alpha, beta, temperature, weight, hidden, gamma = 0 } = teacher;
    const [logP, logQ] = [taught!, logits].map((each) => tf.logSoftmax(each.div(temperature)));
    const divergence = tfDivergences[teacher.divergence](logP!, logQ!, weight).mean();
    parts.divergence = divergence.dataSync()[0]!;
    const outer: tf.Scalar = crossEntropy.mul(alpha).add(divergence.mul(beta * temperature ** 2));
    if (!hidden) return outer;
    const compared = compareHidden(hidden, own, theirs, given.get("projection"));
    parts.hiddenLoss = compared.dataSync()[0]!;
    return outer.add(compared.mul(gamma));
  };
  const { value, grads } = tf.valueAndGrads(loss)([...tensors.values()]);
  return {
    ...parts,
    loss: value.dataSync()[0]!,
    gradients: new Map(names.map((name, i) => [name, Float32Array.from(grads[i]!.dataSync())])),
  };
}

/** The mean over layers and positions of how far streams are from each other. */
function compareHidden(
  { layers, width, form = "relative_mse" }: HiddenAlignment,
  own: readonly tf.Tensor[],
  theirs: readonly tf.Tensor[],
  projection: tf.Tensor | undefined,
): tf.Scalar {
  const losses = layers.map(([mine, other]) => {
    const stream = own[mine]!.reshape([-1, own[mine]!.shape.at(-1)!]) as tf.Tensor2D;
    const whole = theirs[other]!.reshape([-1, theirs[other]!.shape.at(-1)!]);
    const x = projection ? tf.matMul(stream, projection as tf.Tensor2D, false, true) : stream;
    const t = width ? tf.gather(whole, [...width], 1) : whole;
    const size = (of: tf.Tensor) => of.square().mean(-1).add(1e-8);
    if (form === "cosine") return tf.scalar(1).sub(x.mul(t).mean(-1).div(size(x).mul(size(t)).sqrt())).mean();
    const errors = x.sub(t).square().mean(-1);
    return form === "mse" ? errors.mean() : errors.div(size(t)).mean();
  });
  return losses.reduce((a, b) => a.add(b)).div(losses.length) as tf.Scalar;
}

function toTensors(config: GPTNeoXConfig, parameters: ParameterValues): Tensors {
  return new Map(parameterSpecs(config).map(({ name, shape }) => [name, tf.tensor(parameters.get(name)!, [...shape])]));
}

/** @param outputs Takes the residual stream after each block. */
function forward(
  config: GPTNeoXConfig,
  parameters: Tensors,
  tokens: number[][],
  outputs: tf.Tensor[] = [],
): tf.Tensor3D {
  const { vocabularySize, width, layers, epsilon } = config;
  const [batch, sequence] = [tokens.length, tokens[0]!.length];
  const get = (name: string) => parameters.get(name)!;
  const linear = (x: tf.Tensor, name: string): tf.Tensor => {
    const weight = get(`${name}.weight`), bias = parameters.get(`${name}.bias`);
    const product = tf.matMul(x.reshape([batch * sequence, x.shape.at(-1)!]), weight as tf.Tensor2D, false, true);
    return (bias ? product.add(bias) : product).reshape([batch, sequence, weight.shape[0]!]);
  };
  const norm = (x: tf.Tensor, name: string): tf.Tensor => {
    const centred = x.sub(x.mean(-1, true));
    const deviation = centred.square().mean(-1, true).add(epsilon).sqrt();
    return centred.div(deviation).mul(get(`${name}.weight`)).add(get(`${name}.bias`));
  };
  const attention = (x: tf.Tensor, name: string, layer: number): tf.Tensor => {
    const block = config.blocks?.[layer];
    const heads = block?.heads ?? config.heads, size = block?.headSize ?? width / heads;
    const turned = block?.rotary ?? Math.floor(size * config.rotaryFraction);
    const exponents = block?.exponents ?? Array.from({ length: turned / 2 }, (_, i) => 2 * i / turned);
    const rotate = (part: tf.Tensor4D) => turn(part, exponents, config.rotaryBase);
    const projected = linear(x, `${name}.query_key_value`);
    const [query, key, value] = split(projected, { heads, groups: block?.queryGroups ?? heads, size });
    const scores = tf.matMul(rotate(query!), rotate(key!), false, true).mul(block?.scale ?? 1 / Math.sqrt(size));
    const future = tf.ones([sequence, sequence]).sub(tf.linalg.bandPart(tf.ones([sequence, sequence]), -1, 0));
    const attended = tf.matMul(scores.sub(future.mul(1e9)).softmax(), value!);
    return linear(attended.transpose([0, 2, 1, 3]).reshape([batch, sequence, heads * size]), `${name}.dense`);
  };
  const mlp = (x: tf.Tensor, name: string): tf.Tensor =>
    linear(gelu(linear(x, `${name}.dense_h_to_4h`), config), `${name}.dense_4h_to_h`);

  const chosen = tf.oneHot(tf.tensor1d(tokens.flat(), "int32"), vocabularySize);
  let x: tf.Tensor = tf.matMul(chosen, get("gpt_neox.embed_in.weight") as tf.Tensor2D).reshape([
    batch,
    sequence,
    width,
  ]);
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `gpt_neox.layers.${layer}`;
    const attended = attention(norm(x, `${prefix}.input_layernorm`), `${prefix}.attention`, layer);
    const middle = config.parallelResidual ? x : x.add(attended);
    x = x.add(attended).add(mlp(norm(middle, `${prefix}.post_attention_layernorm`), `${prefix}.mlp`));
    outputs.push(x);
  }
  const output = get(config.tiedEmbeddings ? "gpt_neox.embed_in.weight" : "embed_out.weight") as tf.Tensor2D;
  const hidden = norm(x, "gpt_neox.final_layer_norm").reshape([batch * sequence, width]);
  return tf.matMul(hidden, output, false, true).reshape([batch, sequence, vocabularySize]);
}

/** Queries, keys and values `[batch, heads, sequence, size]` of a fused projection `[batch, sequence, rows]`. */
function split(
  fused: tf.Tensor,
  { heads, groups, size }: { heads: number; groups: number; size: number },
): tf.Tensor4D[] {
  const [batch, sequence] = fused.shape as [number, number];
  // Where each head has a key of its own, rows go head by head: a head's query, its key, its value.
  if (groups === heads) {
    return tf.unstack(fused.reshape([batch, sequence, heads, 3, size]).transpose([3, 0, 2, 1, 4])) as tf.Tensor4D[];
  }
  // Where heads share keys: the queries of all heads, the keys of all groups, the values of all groups.
  return [heads, groups, groups].map((count, part) => {
    const start = [0, heads, heads + groups][part]! * size;
    const own = tf.slice(fused, [0, 0, start], [batch, sequence, count * size]);
    const all = own.reshape([batch * sequence * count, 1, size]).tile([1, heads / count, 1]);
    return all.reshape([batch, sequence, heads, size]).transpose([0, 2, 1, 3]) as tf.Tensor4D;
  });
}

/** Turns the leading dimensions of `[batch, heads, sequence, size]`: x cos + half-rotated x sin. */
function turn(x: tf.Tensor4D, exponents: readonly number[], base: number): tf.Tensor4D {
  const [batch, heads, sequence, size] = x.shape;
  const half = exponents.length, turned = 2 * half;
  const frequencies = tf.pow(base, tf.tensor1d([...exponents]).neg());
  const angles = tf.outerProduct(tf.range(0, sequence), frequencies as tf.Tensor1D).tile([1, 2]);
  const part = (start: number, length: number) => tf.slice4d(x, [0, 0, 0, start], [batch, heads, sequence, length]);
  const swapped = tf.concat([part(half, half).neg(), part(0, half)], 3);
  const rotated = part(0, turned).mul(angles.cos()).add(swapped.mul(angles.sin())) as tf.Tensor4D;
  return turned === size ? rotated : tf.concat([rotated, part(turned, size - turned)], 3);
}

function gelu(x: tf.Tensor, { activation }: GPTNeoXConfig): tf.Tensor {
  const inner = activation === "gelu"
    ? x.mul(Math.SQRT1_2).erf()
    : x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI)).tanh();
  return x.mul(inner.add(1)).mul(0.5);
}
