/**
 * Text generation.
 *
 * @module
 */

import type { Program } from "../devices/device.ts";
import { Graph } from "../graph/graph.ts";
import { plan } from "../graph/plan.ts";
import type { Tensor } from "../graph/tensor.ts";
import { gather } from "../ops/gather/mod.ts";
import { linear } from "../ops/matmul/mod.ts";
import { Random } from "../random.ts";
import { hiddenStates, outputProjection } from "./gpt_neox.ts";
import type { Model } from "./model.ts";
import { declareParameters } from "./pages.ts";

/** How tokens are chosen. */
export interface GenerateOptions {
  /** Tokens to generate, at most. @default {64} */
  readonly tokens?: number;
  /** Divides the logits; 0 always takes the most likely token. @default {0.8} */
  readonly temperature?: number;
  /** Chooses among this many most likely tokens; 0 among all. @default {50} */
  readonly topK?: number;
  /** Seeds the choice; the same seed gives the same text. @default {1} */
  readonly seed?: number;
  /** Chooses among the tokens below this one; the rest of an embedding may be padding. @default all */
  readonly vocabulary?: number;
  /** A token at which generation ends. */
  readonly stop?: number | undefined;
}

const SHORTEST_PROGRAM = 32;

/**
 * Generates tokens that continue a prompt, one at a time.
 *
 * The model sees at most its own sequence length; a longer context slides. Programs are compiled for lengths that
 * double, since a short context need not be computed at full length.
 *
 * @param prompt At least one token.
 * @throws {RangeError} If the prompt is empty, a token is not in the vocabulary, an option is out of range, or the model
 *   gives logits that are infinite or no numbers.
 */
export async function* generate(
  model: Model,
  prompt: ArrayLike<number>,
  options: GenerateOptions = {},
): AsyncGenerator<number> {
  const { tokens = 64, temperature = 0.8, topK = 50, seed = 1, vocabulary = model.config.vocabularySize, stop } =
    options;
  const context = Array.from(prompt);
  check(model, context, { tokens, temperature, topK, vocabulary });
  const random = new Random(seed, "generation");
  let next: NextToken | undefined;
  try {
    for (let i = 0; i < tokens; i++) {
      const seen = context.slice(-model.config.sequence);
      if (!next || next.length < seen.length) {
        next?.[Symbol.dispose]();
        next = await NextToken.create(model, seen.length);
      }
      const logits = (await next.logits(seen)).subarray(0, vocabulary);
      checkLogits(logits, context.length);
      const token = sample(logits, { temperature, topK }, random.uniform(i));
      context.push(token);
      yield token;
      if (token === stop) return;
    }
  } finally {
    next?.[Symbol.dispose]();
  }
}

/** Computes the logits that follow a context of up to `length` tokens. */
class NextToken implements Disposable {
  readonly length: number;
  readonly #program: Program;
  readonly #logits: Tensor;

  private constructor(length: number, program: Program, logits: Tensor) {
    this.length = length;
    this.#program = program;
    this.#logits = logits;
  }

  static async create({ config, device, pages, store }: Model, needed: number): Promise<NextToken> {
    let length = SHORTEST_PROGRAM;
    while (length < needed) length *= 2;
    length = Math.min(length, config.sequence);
    const graph = new Graph();
    const tokens = graph.input("tokens", [length], "u32");
    const last = graph.input("last", [1], "u32");
    const parameters = declareParameters(graph, pages, "parameters");
    const hidden = hiddenStates(tokens, parameters, config, { batch: 1, sequence: length });
    const logits = graph.output(linear(gather(hidden, { rows: last }), outputProjection(parameters, config)));
    return new NextToken(length, await device.compile(plan(graph), [store]), logits);
  }

  async logits(context: readonly number[]): Promise<Float32Array> {
    const tokens = new Uint32Array(this.length);
    tokens.set(context);
    this.#program.run({ tokens, last: new Uint32Array([context.length - 1]) });
    return await this.#program.read(this.#logits);
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]();
  }
}

/**
 * Chooses a token: softmax of the `topK` largest logits over the temperature, cut at `draw` of its cumulative mass.
 * Equal logits are ordered by token, so that the choice depends on nothing else.
 *
 * @param draw Uniform in [0, 1).
 */
export function sample(
  logits: Float32Array,
  { temperature, topK }: { readonly temperature: number; readonly topK: number },
  draw: number,
): number {
  const order = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
  if (temperature === 0) return order[0]!;
  const kept = topK > 0 ? order.slice(0, topK) : order;
  const highest = logits[kept[0]!]!;
  const weights = kept.map((token) => Math.exp((logits[token]! - highest) / temperature));
  let rest = draw * weights.reduce((sum, weight) => sum + weight, 0);
  const chosen = weights.findIndex((weight) => (rest -= weight) < 0);
  return kept.at(chosen)!;
}

function checkLogits(logits: Float32Array, seen: number): void {
  const token = logits.findIndex((value) => !Number.isFinite(value));
  if (token < 0) return;
  throw new RangeError(
    `Cannot generate: the model must give finite logits, found ${
      logits[token]
    } for token ${token} after ${seen} tokens; ` +
      "its weights are damaged, or too large",
  );
}

function check(
  { config }: Model,
  prompt: readonly number[],
  { tokens, temperature, topK, vocabulary }: Required<Omit<GenerateOptions, "seed" | "stop">>,
): void {
  const fail = (what: string, rule: string, found: unknown): never => {
    throw new RangeError(`Cannot generate: '${what}' must be ${rule}, found ${found}`);
  };
  if (prompt.length === 0) fail("prompt", "at least one token", "none");
  const { vocabularySize } = config;
  const foreign = prompt.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabularySize);
  if (foreign !== undefined) fail("prompt", `tokens from 0 to ${vocabularySize - 1}`, foreign);
  if (!Number.isInteger(tokens) || tokens < 1) fail("tokens", "a positive whole number", tokens);
  if (!(temperature >= 0) || !Number.isFinite(temperature)) fail("temperature", "a number of at least 0", temperature);
  if (!Number.isInteger(vocabulary) || vocabulary < 1) fail("vocabulary", "a positive whole number", vocabulary);
  if (!Number.isInteger(topK) || topK < 0) fail("topK", "a whole number of at least 0", topK);
}
