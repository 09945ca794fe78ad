/**
 * GPT-NeoX models as Hugging Face folders: `config.json`, `model.safetensors` or its shards, `tokenizer.json`; beside
 * them, of a student that was cut out of a teacher, `subnet.json`.
 *
 * @module
 */

import type { GPTNeoXConfig } from "../model/config.ts";
import { fromHuggingFace, toHuggingFace } from "../model/config_json.ts";
import { parameterSpecs, type ParameterValues } from "../model/parameters.ts";
import { FileError } from "./file_error.ts";
import { writeFolderAtomically } from "./atomic.ts";
import { exists, namesIn, writeNew } from "./files.ts";
import { jsonText, readJson } from "./json.ts";
import type { StoredFormat } from "./safetensors_dtypes.ts";
import type { TensorInfo } from "./safetensors_header.ts";
import { SafetensorsFolder } from "./safetensors_shards.ts";
import { writeSafetensors } from "./safetensors_writer.ts";

/** What a model folder holds. */
export interface StoredModel {
  /** The model's shape. */
  readonly config: GPTNeoXConfig;
  /** Every parameter of that shape. */
  readonly parameters: ParameterValues;
  /** The parsed `tokenizer.json`, when there is one. */
  readonly tokenizerJson?: unknown;
  /** The parsed `subnet.json`, when there is one: what the model was cut out of. `readInheritance` checks it. */
  readonly subnetJson?: unknown;
}

/** Tensors that older files carry besides parameters: they follow from the config and are not read. */
const derived = /\.(rotary_emb\.inv_freq|attention\.bias|attention\.masked_bias)$/;

/**
 * Reads a model folder that `transformers` or {@linkcode writeModelFolder} wrote.
 *
 * Tensors must have their full names, `gpt_neox.` in front: files without it come from a bare `GPTNeoXModel`, which has
 * no output projection and so is no language model.
 *
 * @throws {FileError} If a file is missing or damaged; one line names every missing, unexpected or wrongly shaped
 *   tensor.
 */
export async function readModelFolder(folder: string): Promise<StoredModel> {
  const config = await readConfig(`${folder}/config.json`);
  using files = await SafetensorsFolder.open(folder);
  checkTensors(folder, config, files.tensors);
  const parameters = new Map(parameterSpecs(config).map(({ name }) => [name, files.readFloats(name)]));
  const [tokenizer, subnet] = [`${folder}/tokenizer.json`, `${folder}/subnet.json`];
  return {
    ...{ config, parameters },
    ...(await exists(tokenizer) && { tokenizerJson: await readJson(tokenizer) }),
    ...(await exists(subnet) && { subnetJson: await readJson(subnet) }),
  };
}

/** How a model folder is written. */
export interface ModelFolderOptions {
  /** Number format of the parameters. @default {"F32"} */
  readonly dtype?: StoredFormat;
}

/**
 * Writes a model as a folder that `transformers` opens; the folder appears whole or not at all.
 *
 * @throws {FileError} If the folder holds anything but a model, or the file system refuses; what was there stays.
 */
export async function writeModelFolder(
  folder: string,
  model: StoredModel,
  options: ModelFolderOptions = {},
): Promise<void> {
  const strangers = await exists(folder) ? await othersIn(folder) : [];
  if (strangers.length > 0) {
    throw new FileError(
      "write",
      folder,
      `the folder must be new, empty or a model, found ${strangers.join(", ")} in it`,
    );
  }
  await writeFolderAtomically(folder, async (partial) => void await writeModelFiles(partial, model, options));
}

/**
 * Writes the files of a model into a folder that is there, without a promise that they appear together.
 *
 * @returns Each file's SHA-256 by name.
 */
export async function writeModelFiles(
  folder: string,
  model: StoredModel,
  options: ModelFolderOptions = {},
): Promise<Record<string, string>> {
  const { dtype = "F32" } = options;
  const { config, parameters, tokenizerJson, subnetJson } = model;
  const hashes: Record<string, string> = {};
  const write = async (name: string, value: unknown) =>
    hashes[name] = await writeNew(`${folder}/${name}`, jsonText(value));
  await write("config.json", toHuggingFace(config, dtype === "F16" ? "float16" : "float32"));
  if (tokenizerJson !== undefined) await write("tokenizer.json", tokenizerJson);
  if (subnetJson !== undefined) await write("subnet.json", subnetJson);
  // Without this note older releases of transformers refuse the file.
  const metadata = { format: "pt" };
  const path = `${folder}/model.safetensors`;
  hashes["model.safetensors"] = await writeSafetensors(path, namedTensors(config, parameters), { dtype, metadata });
  return hashes;
}

/**
 * Puts values beside the names and shapes of a model's parameters, in their fixed order.
 *
 * @param prefix Stands in front of each name.
 * @throws {RangeError} If a parameter has no values.
 */
export function namedTensors(
  config: GPTNeoXConfig,
  values: ParameterValues,
  prefix = "",
): { name: string; shape: readonly number[]; values: Float32Array<ArrayBuffer> }[] {
  return parameterSpecs(config).map(({ name, shape }) => {
    const own = values.get(name);
    if (!own) throw new RangeError(`Cannot write '${prefix}${name}': the model must have values for it, found none`);
    return { name: prefix + name, shape, values: own };
  });
}

async function readConfig(path: string): Promise<GPTNeoXConfig> {
  const json = await readJson(path);
  try {
    return fromHuggingFace(json);
  } catch (error) {
    throw new FileError("read", path, (error as Error).message.replace(/^.*?: /, ""), error);
  }
}

function checkTensors(folder: string, config: GPTNeoXConfig, found: ReadonlyMap<string, TensorInfo>): void {
  const specs = parameterSpecs(config);
  const expected = new Set(specs.map(({ name }) => name));
  const missing = specs.filter(({ name }) => !found.has(name)).map(({ name }) => name);
  const unexpected = [...found.keys()].filter((name) => !expected.has(name) && !derived.test(name));
  const misshapen = specs.flatMap(({ name, shape }) => {
    const own = found.get(name)?.shape ?? shape;
    return own.join() === shape.join() ? [] : [`'${name}' must be [${shape.join(", ")}], found [${own.join(", ")}]`];
  });
  const flaws = [
    ...missing.length > 0 ? [`missing ${missing.join(", ")}`] : [],
    ...unexpected.length > 0 ? [`unexpected ${unexpected.join(", ")}`] : [],
    ...misshapen,
  ];
  if (flaws.length === 0) return;
  throw new FileError("read", folder, `${flaws.join("; ")}; use the config.json that belongs to these tensors`);
}

async function othersIn(folder: string): Promise<string[]> {
  const known = ["config.json", "model.safetensors", "tokenizer.json", "subnet.json"];
  const names = await namesIn(folder, "write");
  return names.filter((name) => !known.includes(name)).sort();
}
