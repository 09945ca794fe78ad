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
import { FileError } from "../io/file_error.ts";
import { exists } from "../io/files.ts";
import { jsonText, readJson } from "../io/json.ts";
import { lockFolder } from "../io/lock.ts";
import { bytesPerToken, prepareTokens, type TokenManifest } from "../io/token_store.ts";
import { formatCount } from "../units.ts";
import type { PretrainConfig } from "./config.ts";

/** What a run trains and validates on. */
export interface TrainingData {
  /** What made tokens of the text. */
  readonly tokenizer: Tokenizer;
  /** What is known of both splits: documents, bytes, tokens and hashes. */
  readonly manifest: TokenManifest;
  /** Tokens of the split to train on, document after document. */
  readonly train: TokenArray;
  /** Tokens of the split that is held out. */
  readonly validation: TokenArray;
  /** Bytes of validation text per token. */
  readonly bytesPerToken: number;
  /** What models of token frequencies reach on the validation split. */
  readonly baselines: NgramBaselines;
}

/** The fields of a config that decide the data. */
export type DataFields = Pick<
  PretrainConfig,
  | "corpus"
  | "field"
  | "separator"
  | "tokenizer"
  | "endOfText"
  | "vocabulary"
  | "sequence"
  | "validationFraction"
  | "splitSeed"
  | "out"
>;

/**
 * Reads the corpus, trains or loads the tokenizer, and encodes both splits. Tokenizer and tokens are kept in
 * `<out>/tokens` and taken from there when corpus, split and vocabulary are the same. Of several processes that need
 * the same at once one makes it, and the others wait.
 *
 * @param inherited The tokenizer that comes with the weights the run starts from; it is used unless one is named.
 */
export async function prepareData(
  config: DataFields,
  inherited: Tokenizer | undefined,
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
  using _lock = await lockUnlessThere(directory, tokens);
  const { manifest, train, validation } = await prepareTokens({ corpus, tokenizer, directory, fraction, seed });
  checkLength("train", train, config);
  checkLength("validation", validation, config);
  const bytes = bytesPerToken(manifest.validation);
  const { documents } = manifest.validation;
  notice(
    `corpus ${source}: ${formatCount(train.length)} tokens to train on, ` +
      `${formatCount(validation.length)} of ${documents} held-out documents, ${bytes.toFixed(2)} bytes a token`,
  );
  const baselines = ngramBaselines({ train, validation, vocabularySize: vocabulary, bytesPerToken: bytes });
  return { tokenizer, manifest, train, validation, bytesPerToken: bytes, baselines };
}

async function findTokenizer(
  config: DataFields,
  corpus: Corpus,
  inherited: Tokenizer | undefined,
  folder: string,
  notice: (line: string) => void,
): Promise<Tokenizer> {
  const { tokenizer, vocabulary, validationFraction: fraction, splitSeed: seed } = config;
  if (tokenizer !== "train") return await readTokenizer(tokenizer, config.endOfText);
  if (inherited !== undefined) return inherited;
  const key = await shortHash(["byte-level BPE 1", corpus.hash, vocabulary, fraction, seed]);
  const path = `${folder}/${key}.tokenizer.json`;
  using _lock = await lockUnlessThere(path, folder);
  if (!await exists(path)) {
    notice(`tokenizer: training byte-level BPE with ${vocabulary} tokens on ${corpus.name}`);
    const { train } = splitDocuments(corpus.documents, { fraction, seed });
    await writeAtomically(path, jsonText(trainOn(train.map(({ text }) => text), vocabulary)));
  }
  return await readTokenizer(path, "");
}

/** What is there is only read, so that it can be used where nothing may be written. */
async function lockUnlessThere(path: string, folder: string): Promise<Disposable | undefined> {
  return await exists(path) ? undefined : await lockFolder(folder);
}

function trainOn(texts: readonly string[], vocabularySize: number): object {
  try {
    return trainTokenizer(texts, { vocabularySize });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(error.message.replace("'vocabularySize'", "--vocabulary"));
  }
}

async function readTokenizer(path: string, endOfText: string): Promise<Tokenizer> {
  const json = await readJson(path);
  try {
    return await loadTokenizer(json, endOfText === "" ? {} : { endOfText });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new FileError("read", path, error.message.replace(/^Cannot [^:]+: /, ""), error);
  }
}

/** Refuses a split that has no whole window: `sequence` tokens and the one that follows the last of them. */
function checkLength(split: string, tokens: TokenArray, { corpus, sequence }: DataFields): void {
  if (tokens.length > sequence) return;
  throw new UsageError(
    `Cannot use the corpus '${corpus}': its ${split} split must have at least ${sequence + 1} tokens for a ` +
      `--sequence of ${sequence}, found ${tokens.length}; lower --sequence or give more text`,
  );
}

async function shortHash(value: unknown): Promise<string> {
  return (await sha256(new TextEncoder().encode(canonicalJson(value)))).slice(0, 16);
}
