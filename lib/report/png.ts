/**
 * SVG documents as PNG files, for readers that show no SVG: GitHub, mail, most slides.
 *
 * @module
 */

import { Resvg } from "@resvg/resvg-js";
import { fileURLToPath } from "node:url";
import { paletteFile } from "./png_file.ts";

/** How a picture is drawn. */
export interface PngOptions {
  /** Pixels of the PNG for each of the SVG. @default {2} */
  readonly scale?: number;
}

/** The renderer draws no text without a font, and a machine may have none. */
const FONTS = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"];
const FAMILY = "DejaVu Sans";

/**
 * Draws an SVG document as a PNG file on white paper. All texts are in the DejaVu Sans beside this file, whatever the document asks
 * for, so that every machine draws the same bytes; characters beyond Latin, Greek and symbols become empty boxes.
 *
 * @throws {RangeError} If the document is no SVG, or the scale is not above 0.
 */
export function pngOf(svg: string, { scale = 2 }: PngOptions = {}): Uint8Array<ArrayBuffer> {
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new RangeError(`Cannot draw the picture: 'scale' must be a number above 0, found ${scale}`);
  }
  try {
    const picture = new Resvg(svg, {
      fitTo: { mode: "zoom", value: scale },
      background: "white", // a style of the document itself is not drawn, and a dark page would swallow the ink
      font: {
        loadSystemFonts: false,
        fontFiles: FONTS.map((name) => fileURLToPath(new URL(`fonts/${name}`, import.meta.url))),
        defaultFontFamily: FAMILY,
        sansSerifFamily: FAMILY,
        monospaceFamily: FAMILY,
      },
    });
    const { pixels, width, height } = picture.render();
    return paletteFile(pixels, width, height);
  } catch (error) {
    throw new RangeError(`Cannot draw the picture: it must be an SVG document, found: ${(error as Error).message}`);
  }
}
