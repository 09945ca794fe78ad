/**
 * A run's tokens, from corpus to baselines.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import type { TokenArray } from "../data/batches.ts";
import { type Corpus, splitDocuments } from "../data/document.ts";
import { canonicalJson, sha256 } from "../data/hash.ts";
import { type NgramBaselines, ngramBaselines } from "../data/ngram.ts";
import { loadTokenizer, type Tokenizer } from "../data/tokenizer.ts";
import { trainTokenizer } from "../data/tokenizer_train.ts";
import { readCorpus } from "../io/corpus.ts";
import { writeAtomically } from "../io/atomic.ts";
import { exists, makeFolder } from "../io/files.ts";
import { jsonText, readJson } from "../io/json.ts";
import { bytesPerToken, prepareTokens, type TokenManifest } from "../io/token_store.ts";
import type { PretrainConfig } from "./config.ts";

/** What a run trains and validates on. */
export interface TrainingData {
  readonly tokenizer: Tokenizer;
  readonly manifest: TokenManifest;
  readonly train: TokenArray;
  readonly validation: TokenArray;
  /** Bytes of validation text per token. */
  readonly bytesPerToken: number;
  /** What models of token frequencies reach on the validation split. */
  readonly baselines: NgramBaselines;
}

/** The fields of a config that decide the data. */
export type DataFields = Pick<
  PretrainConfig,
  "corpus" | "field" | "separator" | "tokenizer" | "vocabulary" | "validationFraction" | "splitSeed" | "out"
>;

/**
 * Reads the corpus, trains or loads the tokenizer, and encodes both splits. Tokenizer and tokens are kept in
 * `<out>/tokens` and taken from there when corpus, split and vocabulary are the same.
 *
 * @param inherited The tokenizer that comes with the weights the run starts from; it is used unless one is named.
 */
export async function prepareData(
  config: DataFields,
  inherited: unknown,
  notice: (line: string) => void,
): Promise<TrainingData> {
  const { corpus: source, field, separator, validationFraction: fraction, splitSeed: seed, vocabulary, out } = config;
  const corpus = await readCorpus({ source, field, ...(separator !== "" && { separator }) });
  const tokens = `${out}/tokens`;
  const tokenizer = await findTokenizer(config, corpus, inherited, tokens, notice);
  if (tokenizer.vocabularySize > vocabulary) {
    throw new UsageError(
      `Cannot use this tokenizer: --vocabulary must be at least its ${tokenizer.vocabularySize} tokens, found ` +
        `${vocabulary}; raise it`,
    );
  }
  const key = await shortHash([corpus.hash, tokenizer.hash, fraction, seed]);
  const directory = `${tokens}/${key}`;
  const { manifest, train, validation } = await prepareTokens({ corpus, tokenizer, directory, fraction, seed });
  const bytes = bytesPerToken(manifest.validation);
  const { documents } = manifest.validation;
  notice(
    `corpus ${source}: ${train.length.toLocaleString("en-US")} tokens to train on, ` +
      `${validation.length.toLocaleString("en-US")} of ${documents} held-out documents, ${
        bytes.toFixed(2)
      } bytes a token`,
  );
  const baselines = ngramBaselines({ train, validation, vocabularySize: vocabulary, bytesPerToken: bytes });
  return { tokenizer, manifest, train, validation, bytesPerToken: bytes, baselines };
}

async function findTokenizer(
  config: DataFields,
  corpus: Corpus,
  inherited: unknown,
  folder: string,
  notice: (line: string) => void,
): Promise<Tokenizer> {
  const { tokenizer, vocabulary, validationFraction: fraction, splitSeed: seed } = config;
  if (tokenizer !== "train") return await loadTokenizer(await readJson(tokenizer));
  if (inherited !== undefined) return await loadTokenizer(inherited);
  const key = await shortHash(["byte-level BPE 1", corpus.hash, vocabulary, fraction, seed]);
  const path = `${folder}/${key}.tokenizer.json`;
  if (!await exists(path)) {
    notice(`tokenizer: training byte-level BPE with ${vocabulary} tokens on ${corpus.name}`);
    const { train } = splitDocuments(corpus.documents, { fraction, seed });
    await makeFolder(folder);
    await writeAtomically(
      path,
      jsonText(trainTokenizer(train.map(({ text }) => text), { vocabularySize: vocabulary })),
    );
  }
  return await loadTokenizer(await readJson(path));
}

async function shortHash(value: unknown): Promise<string> {
  return (await sha256(new TextEncoder().encode(canonicalJson(value)))).slice(0, 16);
}
