/**
 * Generation from text to text.
 *
 * @module
 */

import type { Tokenizer } from "../data/tokenizer.ts";
import { generate, type GenerateOptions } from "./generate.ts";
import type { Model } from "./model.ts";

/**
 * Continues a prompt and returns the continuation.
 *
 * An empty prompt begins a new document. Generation ends with the document, at an end-of-text token.
 */
export async function generateText(
  model: Model,
  tokenizer: Tokenizer,
  prompt: string,
  options: Omit<GenerateOptions, "stop"> = {},
): Promise<string> {
  const start = prompt === "" && tokenizer.endOfText !== undefined ? [tokenizer.endOfText] : tokenizer.encode(prompt);
  const { vocabularySize: vocabulary, endOfText: stop } = tokenizer;
  const tokens = await Array.fromAsync(generate(model, start, { vocabulary, ...options, stop }));
  if (tokens.at(-1) === tokenizer.endOfText) tokens.pop();
  return tokenizer.decode(tokens);
}
