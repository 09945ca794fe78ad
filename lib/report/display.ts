/**
 * How results show themselves in a notebook. A front end asks the value of a cell's last expression for a MIME bundle,
 * and shows the richest part that it can: SVG in a notebook, PNG on GitHub, text on a terminal.
 *
 * @module
 */

import { pngOf } from "./png.ts";

/** The method by which the Deno kernel asks a value for its bundle. */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display");

/** A picture, and what it shows in words. */
export interface Picture {
  /** An SVG document. */
  readonly svg: string;
  /** A line or a few, for those who see no picture. */
  readonly text: string;
}

/** A picture in the forms that front ends choose from, by MIME type. */
export interface MimeBundle {
  /** What it shows in words. */
  readonly "text/plain": string;
  /** An SVG document. */
  readonly "image/svg+xml": string;
  /** A PNG file in base64; a picture that is soon replaced has none. */
  readonly "image/png"?: string;
}

/** A value that shows itself as a cell's last expression. */
export interface Displayable {
  /** Draws it. */
  [jupyterDisplay](): MimeBundle | Promise<MimeBundle>;
}

/** Puts a picture into all forms: SVG, PNG at twice the size, text. */
export function bundleOf({ svg, text }: Picture): MimeBundle {
  return { ...vectorBundleOf({ svg, text }), "image/png": pngOf(svg).toBase64() };
}

/** Puts a picture into the forms that cost next to nothing: SVG and text. */
export function vectorBundleOf({ svg, text }: Picture): MimeBundle {
  return { "text/plain": text, "image/svg+xml": svg };
}
