/**
 * A peer to measure against: the training step of a GPT in TensorFlow.js on its WebGPU backend.
 *
 * The work is that of our own bench: untied embeddings, biases, LayerNorm, parallel residual, GELU, full causal
 * attention, Adam, float32. It has no gradient clipping, as TensorFlow.js has none, so it does slightly less.
 *
 * Prints a {@linkcode Measurement} as one line of JSON.
 */
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs";
import { median } from "../../../lib/statistics.ts";
import type { Measurement } from "./mod.ts";
import { parseShapeFlags } from "./shape.ts";

const { shape, steps } = parseShapeFlags(Deno.args);
const { vocab, width, layers, heads, batch, seq } = shape;
const warmUp = 2;

await tf.setBackend("webgpu");
await tf.ready();

let seed = 1;
const weight = (rows: number, columns: number) =>
  tf.variable(tf.randomNormal<tf.Rank.R2>([rows, columns], 0, 0.02, "float32", seed++));
const ones = (size: number) => tf.variable(tf.ones([size]));
const zeros = (size: number) => tf.variable(tf.zeros([size]));

const embedding = weight(vocab, width);
const head = weight(width, vocab);
const finalNorm = { gain: ones(width), bias: zeros(width) };
const blocks = Array.from({ length: layers }, () => ({
  norm1: { gain: ones(width), bias: zeros(width) },
  norm2: { gain: ones(width), bias: zeros(width) },
  qkv: { weight: weight(width, 3 * width), bias: zeros(3 * width) },
  out: { weight: weight(width, width), bias: zeros(width) },
  up: { weight: weight(width, 4 * width), bias: zeros(4 * width) },
  down: { weight: weight(4 * width, width), bias: zeros(width) },
}));
type Block = typeof blocks[number];
const params = Object.values(tf.engine().registeredVariables).reduce((sum, variable) => sum + variable.size, 0);

/** Minus 1e9 where a query must not see a key, else 0. */
const mask = tf.linalg.bandPart(tf.ones([seq, seq]), -1, 0).sub(1).mul(1e9);

function linear(x: tf.Tensor, { weight, bias }: Block["up"]): tf.Tensor {
  return x.matMul(weight).add(bias);
}

function norm(x: tf.Tensor, { gain, bias }: Block["norm1"]): tf.Tensor {
  const centred = x.sub(x.mean(-1, true));
  const variance = centred.square().mean(-1, true);
  return centred.mul(variance.add(1e-5).rsqrt()).mul(gain).add(bias);
}

function gelu(x: tf.Tensor): tf.Tensor {
  const inner = x.add(x.square().mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(inner.tanh().add(1)).mul(0.5);
}

function attention(x: tf.Tensor, block: Block): tf.Tensor {
  const headWidth = width / heads;
  const qkv = linear(x, block.qkv).reshape([batch, seq, 3, heads, headWidth]).transpose([2, 0, 3, 1, 4]);
  const [q, k, v] = tf.unstack(qkv) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const scores = tf.matMul(q, k, false, true).mul(1 / Math.sqrt(headWidth)).add(mask);
  const attended = tf.matMul(tf.softmax(scores), v).transpose([0, 2, 1, 3]).reshape([batch * seq, width]);
  return linear(attended, block.out);
}

function loss(inputs: tf.Tensor1D, targets: tf.Tensor1D): tf.Scalar {
  let x: tf.Tensor = tf.gather(embedding, inputs);
  for (const block of blocks) {
    const mlp = linear(gelu(linear(norm(x, block.norm2), block.up)), block.down);
    x = x.add(attention(norm(x, block.norm1), block)).add(mlp);
  }
  const logProbabilities = tf.logSoftmax(norm(x, finalNorm).matMul(head));
  return logProbabilities.mul(tf.oneHot(targets, vocab)).sum().neg().div(batch * seq);
}

const optimizer = tf.train.adam(1e-3, 0.9, 0.95);
const tokens = tf.randomUniform<tf.Rank.R2>([batch, seq + 1], 0, vocab, "int32", 1);
const inputs = tokens.slice([0, 0], [batch, seq]).flatten();
const targets = tokens.slice([0, 1], [batch, seq]).flatten();

const times: number[] = [];
const losses: number[] = [];
for (let step = 0; step < warmUp + steps; step++) {
  const start = performance.now();
  const value = optimizer.minimize(() => loss(inputs, targets), true)!;
  losses.push((await value.data())[0]!);
  times.push(performance.now() - start);
  value.dispose();
}

const measured = times.slice(warmUp);
const typical = median(measured);
const measurement: Measurement = {
  peer: `tfjs ${tf.version.tfjs} webgpu`,
  shape,
  params,
  step_ms: Number(Math.min(...measured).toFixed(2)),
  step_ms_median: Number(typical.toFixed(2)),
  tokens_per_s: Math.round(batch * seq / typical * 1e3),
  losses: losses.slice(0, 3),
};
console.log(JSON.stringify(measurement));
