/**
 * The stage in which a student inherits its teacher's weights.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { writeFolderAtomically } from "../io/atomic.ts";
import { writeModelFiles } from "../io/huggingface.ts";
import { readJson } from "../io/json.ts";
import type { PipelineDirectory } from "../io/pipeline_directory.ts";
import { SearchDirectory } from "../io/search_directory.ts";
import { Evaluator } from "../evaluate/loss.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import { hashParameters } from "../model/parameter_hash.ts";
import { countParameters } from "../model/parameters.ts";
import { dimensionsOf } from "../subnet/dimensions.ts";
import { exported } from "../subnet/export.ts";
import { inheritanceJson } from "../subnet/inheritance.ts";
import { parseSubNetwork } from "../subnet/json.ts";
import type { SubNetwork } from "../subnet/sub_network.ts";
import type { PipelineConfig } from "./config.ts";
import { keepCosts } from "./costs.ts";
import { calibrationWindows, inherit } from "./inherit.ts";
import { mostImportant } from "./most_important.ts";
import { INHERITANCE } from "./recipe.ts";
import type { OpenTeacher } from "./teacher.ts";

/** What a student has inherited. */
export interface Inherited {
  /** What was kept. */
  readonly subNetwork: SubNetwork;
  /** Parameters of the student. */
  readonly parameters: number;
  /** Its held-out loss before any training, in nats a token, on as many tokens as a validation has. */
  readonly loss: number;
  /** FLOPs of the repair. */
  readonly flops: number;
}

/**
 * Cuts the student out, repairs it, and writes it with its sub-network as an ordinary model folder.
 *
 * @throws {UsageError} If the file that `init` names holds no sub-network of the teacher.
 */
export async function inheritStage(
  directory: PipelineDirectory,
  config: PipelineConfig,
  teacher: OpenTeacher,
): Promise<Inherited> {
  const started = performance.now();
  const { model, data } = teacher;
  const { init, norms, repair: refit, evalTokens: limit } = config;
  const { subNetwork, flops: scoring } = await chosen();
  const { sequence } = model.config;
  const windows = norms === "rescale" || refit
    ? calibrationWindows(data.train, sequence, INHERITANCE.calibrationTokens)
    : [];
  const { student, flops } = await inherit(model, subNetwork, { norms, refit, windows });
  using _ = student;
  const form = exported({ config: student.config, parameters: await student.parameters() });
  const subnetJson = inheritanceJson(subNetwork, await hashParameters(await model.parameters()));
  await keepCosts(directory, { inherit: { scoring, flops, seconds: (performance.now() - started) / 1000 } });
  await writeFolderAtomically(directory.inherited, async (folder) => {
    await writeModelFiles(folder, { ...form, tokenizerJson: model.tokenizerJson, subnetJson });
  });
  const { validation: tokens, bytesPerToken } = data;
  using evaluator = await Evaluator.create(student, { tokens, bytesPerToken, batch: 8, sequence, limit });
  const { loss } = await evaluator.evaluate();
  return { subNetwork, parameters: countParameters(student.config), loss, flops };

  async function chosen() {
    if (init === "importance") return await mostImportant(config, teacher);
    const path = init === "search" ? new SearchDirectory(directory.search).best : init;
    return { subNetwork: await readSubNetwork(path, model.config), flops: 0 };
  }
}

/**
 * Reads a sub-network from its JSON file.
 *
 * @throws {FileError} If there is no such file, or it is no JSON.
 * @throws {UsageError} If it is no sub-network of the teacher.
 */
export async function readSubNetwork(path: string, teacher: GPTNeoXConfig): Promise<SubNetwork> {
  const json = await readJson(path);
  try {
    return parseSubNetwork(json, dimensionsOf(teacher));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`Cannot use '${path}': ${error.message.replace(/^Cannot [^:]+: /, "")}`);
  }
}
