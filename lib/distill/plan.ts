/**
 * What a logit store is to hold.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import type { TokenArray } from "../data/batches.ts";
import { sha256 } from "../data/hash.ts";
import type { Tokenizer } from "../data/tokenizer.ts";
import { forwardFlopsPerToken } from "../model/flops.ts";
import type { Model } from "../model/model.ts";
import { hashParameters } from "../model/parameter_hash.ts";
import { notFinite } from "../train/finite.ts";
import type { StoreKind, StorePlan } from "./store/manifest.ts";
import { MOST_DRAWS } from "./store/records.ts";

/** The text that a teacher reads, and what of its logits is kept. */
export interface TeachOptions {
  /** The train split of a corpus. */
  readonly tokens: TokenArray;
  /** The teacher's tokenizer, with an end-of-text token. */
  readonly tokenizer: Tokenizer;
  /** The most likely tokens and the rest of the mass, or unbiased draws. @default {"top-k"} */
  readonly kind?: StoreKind;
  /** Tokens a position: the most likely ones, or draws with replacement. @default {16} */
  readonly k?: number;
  /** What logits are divided by. @default {1} */
  readonly temperature?: number;
  /** Tokens a window. @default the teacher's */
  readonly sequence?: number;
  /** The first windows that a run of `seed` draws. @default all */
  readonly windows?: number;
  /** Decides the order of windows, and what is drawn. @default {1} */
  readonly seed?: number;
}

/** Tokens of a shard, at least, and shards of a store, at most: what is lost when a process ends, and files. */
const SHARD_TOKENS = 2 ** 14, MOST_SHARDS = 256;

/**
 * Plans a store.
 *
 * @throws {UsageError} If the options do not fit the teacher or the text, or a weight of the teacher is not finite.
 */
export async function planStore(teacher: Model, options: TeachOptions): Promise<StorePlan> {
  const { config } = teacher;
  const { tokens, tokenizer, kind = "top-k", k = 16, temperature = 1, sequence = config.sequence, seed = 1 } = options;
  const all = Math.floor((tokens.length - 1) / sequence);
  const { windows = all } = options;
  const refuse = (flag: string, rule: string, found: unknown) => {
    throw new UsageError(`Cannot teach: --${flag} must be ${rule}, found ${found}; lower it`);
  };
  if (sequence > config.sequence) refuse("sequence", `at most the teacher's ${config.sequence}`, sequence);
  if (kind === "sampled" && k > MOST_DRAWS) refuse("k", `at most ${MOST_DRAWS} draws`, k);
  if (kind === "top-k" && k > config.vocabularySize) {
    refuse("k", `at most the vocabulary's ${config.vocabularySize}`, k);
  }
  if (windows > all) refuse("windows", `at most the split's ${all} of ${sequence} tokens`, windows);
  const parameters = await teacher.parameters();
  const broken = notFinite(parameters);
  if (broken) {
    throw new UsageError(`Cannot teach: the teacher's weights must be finite, found ${broken}; use another one`);
  }
  return {
    teacher: { hash: await hashParameters(parameters), flopsPerToken: forwardFlopsPerToken(config, sequence) },
    tokenizerHash: tokenizer.hash,
    endOfText: tokenizer.endOfText!,
    vocabularySize: config.vocabularySize,
    tokensHash: await sha256(new Uint8Array(tokens.buffer as ArrayBuffer, tokens.byteOffset, tokens.byteLength)),
    ...{ sequence, temperature, kind, k, seed, windows },
    shardWindows: Math.ceil(Math.max(SHARD_TOKENS / sequence, windows / MOST_SHARDS)),
  };
}
