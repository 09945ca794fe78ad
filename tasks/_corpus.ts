import { z } from "zod";
import { field } from "../lib/cli/fields.ts";
import { type PretrainConfig, resolveConfig } from "../lib/train/config.ts";

const asInRun = "as in the run that wrote the folder";

/** The flags of a corpus on which a model is judged. */
export const corpusFields = {
  corpus: field(z.string().min(1).optional(), `sotu, a text file, a folder, or JSON Lines; ${asInRun}, else sotu`),
  field: field(z.string().min(1).optional(), `field of a JSON Lines corpus that holds the text; ${asInRun}, else text`),
  separator: field(z.string().optional(), `what stands between the documents of a text file; ${asInRun}`),
  validationFraction: field(
    z.number().gt(0).max(0.5).optional(),
    `share of the documents kept for validation; ${asInRun}, else 0.05`,
  ),
  splitSeed: field(z.int().min(0).max(2 ** 32 - 1).optional(), `selects them; ${asInRun}, else 0`),
};

/** A corpus and its split. */
export type CorpusSettings = Pick<
  PretrainConfig,
  "corpus" | "field" | "separator" | "validationFraction" | "splitSeed"
>;

/** Returns the corpus that is given, else that of the run which wrote the model. */
export function corpusOf(
  given: z.output<z.ZodObject<typeof corpusFields>>,
  run: PretrainConfig | undefined,
): CorpusSettings {
  const before = run ?? resolveConfig();
  // How documents are told apart belongs to the run's corpus, and not to another one.
  const { field, separator } = given.corpus === undefined ? before : resolveConfig();
  return {
    corpus: given.corpus ?? before.corpus,
    field: given.field ?? field,
    separator: given.separator ?? separator,
    validationFraction: given.validationFraction ?? before.validationFraction,
    splitSeed: given.splitSeed ?? before.splitSeed,
  };
}
