/**
 * Sizes of the teacher that a student was cut out of, for pictures of what it kept.
 *
 * @module
 */

import { exists } from "../io/files.ts";
import { readJson } from "../io/json.ts";
import { fromHuggingFace } from "../model/config_json.ts";
import { type Dimensions, dimensionsOf } from "../subnet/dimensions.ts";

/**
 * Reads the sizes of a teacher without its weights.
 *
 * @param folders Where it may be, the likeliest first.
 * @returns Nothing where none of them is there.
 * @throws {FileError} If the `config.json` cannot be read.
 */
export async function readTeacherSizes(folders: readonly string[]): Promise<Dimensions | undefined> {
  for (const folder of folders) {
    const path = `${folder}/config.json`;
    if (await exists(path)) return dimensionsOf(fromHuggingFace(await readJson(path)));
  }
  return undefined;
}
