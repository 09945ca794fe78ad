/**
 * Running a model once: logits, and loss with gradients. Training and evaluation have programs of their own.
 *
 * @module
 */

import { embeddingBuckets } from "../data/buckets.ts";
import { Graph } from "../graph/graph.ts";
import { plan } from "../graph/plan.ts";
import type { Tensor } from "../graph/tensor.ts";
import { linear } from "../ops/matmul/mod.ts";
import { checkActivationNames, tapNameOf } from "./activations.ts";
import { hiddenStates, outputProjection } from "./gpt_neox.ts";
import { lossGraph } from "./loss.ts";
import { type Model, pageEntries, readPages } from "./model.ts";
import { declareParameters } from "./pages.ts";
import type { ParameterValues } from "./parameters.ts";

/**
 * Computes the logits of every position: `Float32Array` of `[batch, sequence, vocabulary]`, row-major.
 *
 * @param tokens `batch` sequences of equal length.
 * @throws {RangeError} If lengths differ or a token is not in the vocabulary.
 */
export async function logits(model: Model, tokens: readonly ArrayLike<number>[]): Promise<Float32Array<ArrayBuffer>> {
  const { config, device, pages } = model;
  const { flat, batch, length: sequence } = flatten(tokens, config.vocabularySize, 1);
  const graph = new Graph();
  const input = graph.input("tokens", [flat.length], "u32");
  const parameters = declareParameters(graph, pages, "parameters");
  const hidden = hiddenStates(input, parameters, config, { batch, sequence });
  const scores = graph.output(linear(hidden, outputProjection(parameters, config)));
  using program = await device.compile(plan(graph), [model.store]);
  program.run({ tokens: flat });
  return await program.read(scores);
}

/** A mean loss and its gradients. */
export interface LossAndGradients {
  /** Mean cross-entropy of the predicted tokens, in nats. */
  readonly loss: number;
  /** By Hugging Face tensor name, each in the layout of the file. */
  readonly gradients: ParameterValues;
}

/**
 * Computes the mean next-token loss and its gradient with respect to every parameter.
 *
 * @param tokens Sequences of `sequence + 1` tokens: each is predicted from those before it.
 * @throws {RangeError} If lengths differ, are below 2, or a token is not in the vocabulary.
 */
export async function lossAndGradients(
  model: Model,
  tokens: readonly ArrayLike<number>[],
): Promise<LossAndGradients> {
  const { config, device, pages } = model;
  const { flat, batch, length } = flatten(tokens, config.vocabularySize, 2);
  const sequence = length - 1;
  const pick = (start: number) =>
    Uint32Array.from(
      { length: batch * sequence },
      (_, i) => flat[Math.floor(i / sequence) * length + i % sequence + start]!,
    );
  const inputs = pick(0);
  const { graph, loss } = lossGraph(config, pages, { batch, sequence, scale: 1 / (batch * sequence), gradients: true });
  using gradients = await device.createStore(pageEntries(pages, "gradients"));
  using program = await device.compile(plan(graph), [model.store, gradients]);
  program.run({ tokens: inputs, targets: pick(1), ...embeddingBuckets(inputs) });
  const [value] = await program.read(loss);
  return { loss: value!, gradients: await readPages(gradients, pages, "gradients") };
}

/**
 * Runs a model and returns some of its activations: each `[batch * sequence, size]`, row-major.
 *
 * @param tokens `batch` sequences of equal length.
 * @param names Of activations, as `activationNames` lists them: `blocks.3.attention`, `blocks.3.mlp`, `blocks.3`.
 * @throws {RangeError} If there is no such activation, lengths differ or a token is not in the vocabulary.
 */
export async function capture(
  model: Model,
  tokens: readonly ArrayLike<number>[],
  names: readonly string[],
): Promise<Map<string, Float32Array<ArrayBuffer>>> {
  const { config, device, pages } = model;
  const { flat, batch, length: sequence } = flatten(tokens, config.vocabularySize, 1);
  const graph = new Graph();
  const input = graph.input("tokens", [flat.length], "u32");
  const parameters = declareParameters(graph, pages, "parameters");
  const found = new Map<string, Tensor>();
  hiddenStates(input, parameters, config, { batch, sequence, tap: (name, tensor) => found.set(name, tensor) });
  if (!names.every((name) => found.has(tapNameOf(name)))) checkActivationNames(names, config);
  const wanted = names.map((name) => graph.output(found.get(tapNameOf(name))!));
  using program = await device.compile(plan(graph), [model.store]);
  program.run({ tokens: flat });
  const values = await Promise.all(wanted.map((tensor) => program.read(tensor)));
  return new Map(names.map((name, i) => [name, values[i]!]));
}

function flatten(tokens: readonly ArrayLike<number>[], vocabulary: number, shortest: number) {
  const length = tokens[0]?.length ?? 0;
  if (length < shortest || tokens.some((row) => row.length !== length)) {
    throw new RangeError(
      `Cannot run the model: 'tokens' must be sequences of equal length, at least ${shortest}, ` +
        `found lengths ${tokens.map((row) => row.length).join(", ") || "of no sequence"}`,
    );
  }
  const flat = new Uint32Array(tokens.length * length);
  for (let i = 0; i < flat.length; i++) {
    const token = tokens[Math.floor(i / length)]![i % length]!;
    if (!Number.isInteger(token) || token < 0 || token >= vocabulary) {
      throw new RangeError(`Cannot run the model: tokens must be integers from 0 to ${vocabulary - 1}, found ${token}`);
    }
    flat[i] = token;
  }
  return { flat, batch: tokens.length, length };
}
