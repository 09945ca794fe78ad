/**
 * Documents, and which of them are held out.
 *
 * @module
 */

import { Random } from "../random.ts";
import { counted } from "../units.ts";

/** A text that belongs together: it is trained on, or validated on, as a whole. */
export interface Document {
  /** Names the document in messages, for example a path or a line number. */
  readonly id: string;
  /** The text, which may hold anything. */
  readonly text: string;
}

/** Documents read from one source. */
export interface Corpus {
  /** The source as the user named it. */
  readonly name: string;
  /** The documents in the order of the source. */
  readonly documents: readonly Document[];
  /** SHA-256 over the texts in order, in hexadecimal. */
  readonly hash: string;
}

/** Options of {@linkcode splitDocuments}. */
export interface SplitOptions {
  /** The expected part of the documents that is held out, between 0 and 1. @default {0.05} */
  readonly fraction?: number;
  /** Selects the documents that are held out. @default {0} */
  readonly seed?: number;
}

/** The two parts of a corpus, each in the order of the corpus. */
export interface Split {
  /** What is trained on. */
  readonly train: readonly Document[];
  /** What is held out. */
  readonly validation: readonly Document[];
}

/** The part of the documents that is held out if nothing else is asked for. */
export const defaultValidationFraction = 0.05;

/**
 * Splits documents into a train and a validation part by a seeded hash of each text.
 *
 * Since only the text and the seed decide, equal texts land on the same side, and documents added later move none of
 * the others. If the hash holds out nothing (or everything), the document nearest to the threshold changes sides.
 *
 * @throws {RangeError} If the fraction is not between 0 and 1, or if there are no two different texts.
 */
export function splitDocuments(documents: readonly Document[], options: SplitOptions = {}): Split {
  const { fraction = defaultValidationFraction, seed = 0 } = options;
  if (!(fraction > 0 && fraction < 1)) {
    throw new RangeError(`Cannot split the corpus: 'fraction' must be between 0 and 1, found ${fraction}`);
  }
  const draws = documents.map(({ text }) => new Random(seed, `validation split\0${text}`).uniform(0));
  const distinct = [...new Set(draws)].sort((a, b) => a - b);
  if (distinct.length < 2) {
    throw new RangeError(
      `Cannot split the corpus: train and validation each need a document, found ` +
        `${counted(distinct.length, "different text")}; give more documents`,
    );
  }
  const smallest = distinct[0]!, largest = distinct.at(-1)!;
  const isHeldOut = (draw: number): boolean => draw === smallest || (draw < fraction && draw !== largest);
  return {
    train: documents.filter((_, i) => !isHeldOut(draws[i]!)),
    validation: documents.filter((_, i) => isHeldOut(draws[i]!)),
  };
}
