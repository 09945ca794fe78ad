/**
 * What a logit store is to hold.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import type { TokenArray } from "../data/batches.ts";
import { sha256 } from "../data/hash.ts";
import type { Tokenizer } from "../data/tokenizer.ts";
import { tokenizerOf } from "../io/model_folder.ts";
import { forwardFlopsPerToken } from "../model/flops.ts";
import { Model } from "../model/model.ts";
import { hashParameters } from "../model/parameter_hash.ts";
import { notFinite } from "../train/finite.ts";
import { MOST_ENTRIES } from "./entries_pass.ts";
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

/** Lists the teachers of a store. */
export function teachersOf(teacher: Model | readonly Model[]): readonly Model[] {
  return teacher instanceof Model ? [teacher] : teacher;
}

/**
 * Plans a store.
 *
 * @param teacher A model, or several whose probabilities are averaged.
 * @throws {UsageError} If the options do not fit the teacher or the text, teachers differ in their vocabulary or their
 *   tokenizer, there is none, or a weight is not finite.
 */
export async function planStore(teacher: Model | readonly Model[], options: TeachOptions): Promise<StorePlan> {
  const teachers = teachersOf(teacher);
  const vocabularySize = await checkAlike(teachers, options.tokenizer);
  const longest = Math.min(...teachers.map(({ config }) => config.sequence));
  const { tokens, tokenizer, kind = "top-k", k = 16, temperature = 1, sequence = longest, seed = 1 } = options;
  const all = Math.floor((tokens.length - 1) / sequence);
  const { windows = all } = options;
  const refuse = (flag: string, rule: string, found: unknown) => {
    throw new UsageError(`Cannot teach: --${flag} must be ${rule}, found ${found}; lower it`);
  };
  if (sequence > longest) refuse("sequence", `at most the teacher's ${longest}`, sequence);
  if (kind === "sampled" && k > MOST_DRAWS) refuse("k", `at most ${MOST_DRAWS} draws`, k);
  if (k > MOST_ENTRIES) refuse("k", `at most ${MOST_ENTRIES} tokens`, k);
  if (kind === "top-k" && k > vocabularySize) refuse("k", `at most the vocabulary's ${vocabularySize}`, k);
  if (windows > all) refuse("windows", `at most the split's ${all} of ${sequence} tokens`, windows);
  return {
    teacher: {
      hash: await hashOf(teachers),
      flopsPerToken: teachers.reduce((sum, { config }) => sum + forwardFlopsPerToken(config, sequence), 0),
    },
    tokenizerHash: tokenizer.hash,
    endOfText: tokenizer.endOfText!,
    vocabularySize,
    tokensHash: await sha256(new Uint8Array(tokens.buffer as ArrayBuffer, tokens.byteOffset, tokens.byteLength)),
    ...{ sequence, temperature, kind, k, seed, windows },
    shardWindows: Math.ceil(Math.max(SHARD_TOKENS / sequence, windows / MOST_SHARDS)),
  };
}

/** Refuses teachers whose probabilities are of other tokens, and returns how many tokens they know. */
async function checkAlike(teachers: readonly Model[], { hash }: Tokenizer): Promise<number> {
  const [first, ...others] = teachers;
  if (!first) throw new UsageError("Cannot teach: it needs at least one teacher, found none");
  const { vocabularySize } = first.config;
  for (const { config } of others) {
    if (config.vocabularySize === vocabularySize) continue;
    throw new UsageError(
      `Cannot teach: teachers must have one vocabulary, found ${vocabularySize} and ${config.vocabularySize} tokens; ` +
        "use teachers of one tokenizer",
    );
  }
  for (const teacher of teachers) {
    const own = await tokenizerOf(teacher);
    if (own === undefined || own.hash === hash) continue;
    throw new UsageError(
      `Cannot teach: the text's tokenizer must be the teacher's (SHA-256 ${own.hash.slice(0, 12)}), found ` +
        `${hash.slice(0, 12)}; use teachers of one tokenizer, and a text that it has read`,
    );
  }
  return vocabularySize;
}

/** Returns the hash of a teacher's weights; of several teachers that of their hashes in a row. */
async function hashOf(teachers: readonly Model[]): Promise<string> {
  const hashes: string[] = [];
  for (const teacher of teachers) {
    const parameters = await teacher.parameters();
    const broken = notFinite(parameters);
    if (broken) {
      throw new UsageError(`Cannot teach: the teacher's weights must be finite, found ${broken}; use another one`);
    }
    hashes.push(await hashParameters(parameters));
  }
  return hashes.length === 1 ? hashes[0]! : await sha256(new TextEncoder().encode(hashes.join(" ")));
}
