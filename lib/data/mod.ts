/**
 * Documents, tokenizers, batches and baselines: everything between a text and a training step.
 *
 * @module
 */

export {
  type Corpus,
  defaultValidationFraction,
  type Document,
  type Split,
  splitDocuments,
  type SplitOptions,
} from "./document.ts";
export { cutIntoBlocks } from "./text_blocks.ts";

export { trainTokenizer, type TrainTokenizerOptions } from "./tokenizer_train.ts";
export { loadTokenizer, type LoadTokenizerOptions, type Tokenizer } from "./tokenizer.ts";
export { type ByteLevelTokenizerJson, endOfTextToken, type Settings } from "./tokenizer_json.ts";

export { type Batch, Batches, type BatchShape, type TokenArray, validationBatches } from "./batches.ts";
export { type EmbeddingBuckets, embeddingBuckets } from "./buckets.ts";

export { bitsPerByte } from "./bits_per_byte.ts";
export { type BaselineLoss, type NgramBaselines, ngramBaselines, type NgramOptions } from "./ngram.ts";
