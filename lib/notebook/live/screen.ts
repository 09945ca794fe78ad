/**
 * Where a live picture is seen.
 *
 * @module
 */

import type { MimeBundle } from "../../report/display.ts";

/** One place in the output of a cell, in which a picture takes the place of the one before. */
export interface Screen {
  /** Shows a picture, the first time in a new place. */
  show(bundle: MimeBundle): void;
}
