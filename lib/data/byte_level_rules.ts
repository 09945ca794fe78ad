import type { MergeRules } from "./bpe_encode.ts";
import { byteCharacters } from "./byte_level.ts";

/** What is looked at in a `tokenizer.json`, which may hold anything. */
interface LooseJson {
  readonly normalizer?: unknown;
  readonly pre_tokenizer?: {
    readonly type?: unknown;
    readonly add_prefix_space?: unknown;
    readonly use_regex?: unknown;
  } | null;
  readonly model?: {
    readonly type?: unknown;
    readonly dropout?: unknown;
    readonly byte_fallback?: unknown;
    readonly ignore_merges?: unknown;
    readonly end_of_word_suffix?: unknown;
    readonly continuing_subword_suffix?: unknown;
    readonly vocab?: Readonly<Record<string, number>>;
    readonly merges?: readonly (string | readonly string[])[];
  };
}

/**
 * Reads the merge rules of a plain byte-level BPE tokenizer, such as those trained here and GPT-2's.
 *
 * @returns `undefined` if the tokenizer does anything else as well: normalise, split words in its own way, and so on.
 */
export function byteLevelRules(json: LooseJson): MergeRules | undefined {
  const { normalizer, pre_tokenizer: words, model } = json;
  const { vocab, merges } = model ?? {};
  const isPlain = !normalizer &&
    words?.type === "ByteLevel" && words.add_prefix_space === false && (words.use_regex ?? true) === true &&
    model?.type === "BPE" && !model.dropout && !model.byte_fallback && !model.ignore_merges &&
    !model.end_of_word_suffix && !model.continuing_subword_suffix;
  if (!isPlain || vocab === undefined || !Array.isArray(merges)) return undefined;

  const ids = new Map(Object.entries(vocab));
  const byteTokens = byteCharacters.map((character) => ids.get(character));
  const rules = merges.map((merge): (number | undefined)[] => {
    const [left, right] = typeof merge === "string" ? merge.split(" ", 2) : merge;
    return [ids.get(left), ids.get(right), ids.get(left + right)];
  });
  const isComplete = byteTokens.every(isId) && rules.every((rule) => rule.every(isId));
  if (!isComplete) return undefined;
  return { byteTokens: byteTokens as number[], merges: rules as [number, number, number][] };
}

function isId(token: number | undefined): token is number {
  return token !== undefined;
}
