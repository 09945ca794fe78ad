/**
 * The flags of heads that lose dimensions, for every task that cuts students out of a teacher.
 *
 * @module
 */

import { z } from "zod";
import { field } from "./fields.ts";

const rebuilt = (what: string) => `${what}: keep, as in the teacher, or rebuild, as whittle does`;

/** What becomes of the frequencies and the scale of scores. */
export const headFields = {
  rope: field(z.enum(["keep", "rebuild"]).default("keep"), rebuilt("frequencies of heads that lose dimensions")),
  scale: field(z.enum(["keep", "rebuild"]).default("keep"), rebuilt("scale of their scores")),
};
