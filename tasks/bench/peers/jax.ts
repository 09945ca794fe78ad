/**
 * A peer to measure against: the training step of a GPT in jax-js on its WebAssembly backend, on all cores.
 *
 * The work is that of our own bench: untied embeddings, biases, LayerNorm, parallel residual, a quarter of each head
 * rotated, GELU, full causal attention, AdamW, gradients clipped at 1.0, float32.
 *
 * Its setting is the fastest of those tried at shape A on two cores; in brackets the time that each saves of a step.
 * - One jit over gradient, clipping and AdamW (45 % against none at all; a jit each is as fast).
 * - Results are awaited, which lets workers run the kernels; read synchronously they run on one core (35 %).
 * - The embedding is a gather, whose gradient is a scatter in JavaScript, rather than a one-hot product (8 %).
 * - The weights of all blocks are stacked, so that AdamW has 15 arrays instead of 52: a kernel takes 0.1 ms to dispatch,
 *   and a step has 600 (4 %).
 * - The loss is a log-sum-exp less the target's logit, rather than a masked log-softmax (2 %).
 * - Heads are rotated by two pads rather than by a concatenation (2 %), and GELU is its tanh form (3 %).
 * - It inherits the flags that `deno task bench` gives to our engine (5 %).
 *
 * No difference: weights stored transposed, q, k and v apart, attention and LayerNorm written out, the clipping folded
 * into the moments. The rotation, which the other peers do without, costs it 5 %.
 *
 * Prints a {@linkcode Measurement} as one line of JSON.
 */
import { type Array as Tensor, blockUntilReady, defaultDevice, init, jit, nn, numpy as np } from "@jax-js/jax";
import { random, tree, valueAndGrad } from "@jax-js/jax";
import manifest from "../../../deno.json" with { type: "json" };
import { Random } from "../../../lib/random.ts";
import { median } from "../../../lib/statistics.ts";
import type { Measurement } from "./mod.ts";
import { parseShapeFlags } from "./shape.ts";

const { shape, steps } = parseShapeFlags(Deno.args);
const { vocab, width, layers, heads, batch, seq } = shape;
const warmUp = 2;
const rows = batch * seq;
const headWidth = width / heads;
const rotated = 2 * Math.floor(headWidth / 8);
const [learningRate, decay, beta1, beta2, epsilon] = [1e-3, 0.1, 0.9, 0.95, 1e-8];

await init("wasm");
defaultDevice("wasm");

let seed = 1;
const weight = (...size: number[]) => random.normal(random.key(seed++), size).mul(0.02);
const normOf = (...stack: number[]) => ({ gain: np.ones([...stack, width]), bias: np.zeros([...stack, width]) });
const linearOf = (from: number, to: number) => ({ weight: weight(layers, from, to), bias: np.zeros([layers, to]) });

const model = {
  embedding: weight(vocab, width),
  head: weight(width, vocab),
  finalNorm: normOf(),
  blocks: {
    norm1: normOf(layers),
    norm2: normOf(layers),
    qkv: linearOf(width, 3 * width),
    out: linearOf(width, width),
    up: linearOf(width, 4 * width),
    down: linearOf(4 * width, width),
  },
};
type Model = typeof model;
type Stack = Model["blocks"];
const params = tree.leaves(model).reduce((sum, leaf) => sum + leaf.size, 0);

/** The rotation's table: of each position and dimension, and `still` where a dimension is not rotated. */
function table(wave: (angle: number) => number, still: number): Tensor {
  const values = Float32Array.from({ length: seq * headWidth }, (_, i) => {
    const dimension = i % headWidth;
    const frequency = 10_000 ** (-2 * (dimension % (rotated / 2)) / rotated);
    return dimension < rotated ? wave(Math.floor(i / headWidth) * frequency) : still;
  });
  return np.array(values).reshape([seq, 1, headWidth]);
}
const cosines = table(Math.cos, 1);
const sines = table(Math.sin, 0);

/** Takes the stacked weights of the blocks apart. */
function unstack(stack: Stack): Stack[] {
  const parts = tree.leaves(stack).map((leaf) => np.split(leaf, layers, 0));
  const structure = tree.structure(stack);
  return Array.from({ length: layers }, (_, layer) => {
    const leaves = parts.map((part) => part[layer]!.reshape(part[layer]!.shape.slice(1)));
    return tree.unflatten(structure, leaves) as Stack;
  });
}

function linear(x: Tensor, { weight, bias }: Stack["up"]): Tensor {
  return np.matmul(x, weight).add(bias);
}

function norm(x: Tensor, { gain, bias }: Stack["norm1"]): Tensor {
  return nn.standardize(x).mul(gain).add(bias);
}

function rotate(x: Tensor): Tensor {
  if (rotated === 0) return x;
  const half = rotated / 2;
  const move = (part: Tensor, to: number) => np.pad(part, { 3: [to, headWidth - half - to] });
  const first = x.ref.slice([], [], [], [0, half]);
  const second = x.ref.slice([], [], [], [half, rotated]);
  const turned = move(second.neg(), 0).add(move(first, half));
  return x.mul(cosines.ref).add(turned.mul(sines.ref));
}

function attention(x: Tensor, block: Stack): Tensor {
  const parts = np.split(linear(x, block.qkv), 3, -1).map((part) => part.reshape([batch, seq, heads, headWidth]));
  const [q, k, v] = parts as [Tensor, Tensor, Tensor];
  const attended = nn.dotProductAttention(rotate(q), rotate(k), v, { isCausal: true });
  return linear(attended.reshape([rows, width]), block.out);
}

function loss(model: Model, inputs: Tensor, targets: Tensor): Tensor {
  let x = model.embedding.slice(inputs);
  for (const block of unstack(model.blocks)) {
    const mlp = linear(nn.gelu(linear(norm(x.ref, block.norm2), block.up)), block.down);
    x = x.ref.add(attention(norm(x, block.norm1), block)).add(mlp);
  }
  const logits = np.matmul(norm(x, model.finalNorm), model.head);
  const isTarget = np.arange(vocab).astype(np.int32).equal(targets.reshape([rows, 1]));
  return nn.logsumexp(logits.ref, -1).sub(np.where(isTarget, logits, 0).sum(-1)).mean();
}

/** The weights, and the first and second moments of their gradients. */
type State = [weights: Model, means: Model, variances: Model];

/** AdamW on clipped gradients; `corrections` are one less each beta to the power of the step. */
function update([weights, means, variances]: State, gradients: Model, corrections: [Tensor, Tensor]): State {
  const squares = tree.leaves(tree.ref(gradients)).map((gradient) => np.square(gradient).sum());
  const length = np.sqrt(squares.reduce((sum, square) => sum.add(square)));
  const clip = np.minimum(np.reciprocal(length.add(1e-6)), 1);
  const [bias1, bias2] = corrections;
  gradients = map((gradient) => gradient.mul(clip.ref), gradients);
  means = map((old, gradient) => old.mul(beta1).add(gradient.mul(1 - beta1)), means, tree.ref(gradients));
  variances = map((old, gradient) => old.mul(beta2).add(np.square(gradient).mul(1 - beta2)), variances, gradients);
  const step = (mean: Tensor, variance: Tensor) =>
    mean.div(bias1.ref).div(np.sqrt(variance.div(bias2.ref)).add(epsilon)).mul(learningRate);
  weights = map(
    (weight, mean, variance) => weight.mul(1 - learningRate * decay).sub(step(mean, variance)),
    weights,
    tree.ref(means),
    tree.ref(variances),
  );
  tree.dispose([clip, bias1, bias2]);
  return [weights, means, variances];
}

function map(f: (...leaves: Tensor[]) => Tensor, first: Model, ...others: Model[]): Model {
  return tree.map(f, first, ...others) as Model;
}

const lossAndGradients = valueAndGrad(loss);
const train = jit((state: State, corrections: [Tensor, Tensor], inputs: Tensor, targets: Tensor): [Tensor, State] => {
  const [value, gradients] = lossAndGradients(tree.ref(state[0]), inputs, targets) as [Tensor, Model];
  return [value, update(state, gradients, corrections)];
});

const source = new Random(1, "bench tokens");
const tokens = Int32Array.from({ length: batch * (seq + 1) }, (_, i) => source.below(vocab, i));
const view = np.array(tokens, { dtype: np.int32 }).reshape([batch, seq + 1]);
const inputs = view.ref.slice([], [0, seq]).reshape([rows]);
const targets = view.slice([], [1, seq + 1]).reshape([rows]);

const zeros = () => map((weight) => np.zeros(weight.shape), model);
let state: State = [model, zeros(), zeros()];
await blockUntilReady([state, inputs, targets]);

const times: number[] = [];
const losses: number[] = [];
for (let step = 1; step <= warmUp + steps; step++) {
  const start = performance.now();
  const corrections: [Tensor, Tensor] = [np.array(1 - beta1 ** step), np.array(1 - beta2 ** step)];
  let value: Tensor;
  [value, state] = train(state, corrections, inputs.ref, targets.ref);
  losses.push((await value.data())[0]!);
  await blockUntilReady(state);
  times.push(performance.now() - start);
}

const measured = times.slice(warmUp);
const typical = median(measured);
const measurement: Measurement = {
  peer: `jax-js ${manifest.imports["@jax-js/jax"].split("@").at(-1)} wasm`,
  shape,
  params,
  step_ms: Number(Math.min(...measured).toFixed(2)),
  step_ms_median: Number(typical.toFixed(2)),
  tokens_per_s: Math.round(rows / typical * 1e3),
  losses: losses.slice(0, 3),
};
console.log(JSON.stringify(measurement));
// The library's workers would keep the process alive.
Deno.exit();
