/**
 * What a package says of itself: `manifest.json`.
 *
 * @module
 */

import { z } from "zod";
import { canonicalJson, sha256 } from "../data/hash.ts";
import { isObject, show } from "../unknown.ts";
import { isSafePath } from "./safe_path.ts";

/** The file of the manifest, the first in a package. */
export const MANIFEST = "manifest.json";

/** Names the kind of file and the version of its form. */
export const FORMAT: PackManifest["format"] = "offshoot share 1";

/** Where and with what something was computed; what is not known is absent. */
export interface Environment {
  /** Deno's version. */
  readonly deno: string;
  /** SHA-256 of `deno.lock`. */
  readonly lock?: string | undefined;
  /** The git commit of the project's folder, when it was packed. */
  readonly commit?: string | undefined;
  /** Whether the folder then differed from the commit. */
  readonly dirty?: boolean | undefined;
  /** The device, as `adapter.json` has it. */
  readonly device?: EnvironmentDevice | undefined;
}

/** The device of an {@linkcode Environment}. */
export interface EnvironmentDevice {
  /** What computed. */
  readonly kind: "webgpu" | "cpu";
  /** The adapter's own words. */
  readonly name: string;
}

/** A file or folder that a run's config names. */
export interface PackedInput {
  /** The field of the config. */
  readonly field: "corpus" | "tokenizer" | "init" | "teacher" | "cutFrom";
  /** What the config said. */
  readonly given: string;
  /**
   * Where it is: `packed` in the package at `place`; `shipped` with the project at `place`; or `named`, too large to pack,
   * so that whoever repeats the run must have it and say where.
   */
  readonly kind: "packed" | "shipped" | "named";
  /** Its path in the package or in the project. */
  readonly place?: string | undefined;
  /** Bytes of its files. */
  readonly bytes: number;
  /** SHA-256 of the file, or of the paths and hashes of the folder's files. */
  readonly sha256: string;
}

/** A file of a package. */
export interface PackedFile {
  /** Its path in the package. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
  /** Its SHA-256 in hexadecimal digits. */
  readonly sha256: string;
}

/** What a package holds, and what it takes to repeat it. */
export interface PackManifest {
  /** The form of this manifest. */
  readonly format: "offshoot share 1";
  /** A plain run, a run whose student was cut out of a teacher, or a notebook. */
  readonly kind: "run" | "pipeline" | "notebook";
  /** What it was called. */
  readonly name: string;
  /** The seeds in the config, by field. */
  readonly seeds: Readonly<Record<string, number>>;
  /** Where it was computed and packed. */
  readonly environment: Environment;
  /** The weights of the last checkpoint: the step and the SHA-256 that `hashParameters` gives. */
  readonly weights?: { readonly step: number; readonly sha256: string } | undefined;
  /** What the config names. */
  readonly inputs: readonly PackedInput[];
  /** All files but the manifest. */
  readonly files: readonly PackedFile[];
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const path = z.string().refine(isSafePath, { error: "must stay in its folder" });
const size = z.int().min(0);

const schema = z.strictObject({
  format: z.literal(FORMAT),
  kind: z.enum(["run", "pipeline", "notebook"]),
  name: z.string().min(1).refine((name) => isSafePath(name) && !name.includes("/"), { error: "must be one name" }),
  seeds: z.record(z.string(), z.number()),
  environment: z.strictObject({
    deno: z.string(),
    lock: hash.optional(),
    commit: z.string().optional(),
    dirty: z.boolean().optional(),
    device: z.strictObject({ kind: z.enum(["webgpu", "cpu"]), name: z.string() }).optional(),
  }),
  weights: z.strictObject({ step: size, sha256: hash }).optional(),
  inputs: z.array(z.strictObject({
    field: z.enum(["corpus", "tokenizer", "init", "teacher", "cutFrom"]),
    given: z.string(),
    kind: z.enum(["packed", "shipped", "named"]),
    place: path.optional(),
    bytes: size,
    sha256: hash,
  })),
  files: z.array(z.strictObject({ path, bytes: size, sha256: hash })),
}) satisfies z.ZodType<PackManifest>;

/** Writes a manifest with the SHA-256 of its own content at its end. */
export async function printManifest(manifest: PackManifest): Promise<string> {
  return `${JSON.stringify({ ...manifest, sha256: await hashOf(manifest) }, null, 2)}\n`;
}

/**
 * Reads a manifest.
 *
 * @throws {RangeError} If it is none, of another version, damaged, or names a path that leaves its folder.
 */
export async function parseManifest(text: string): Promise<PackManifest> {
  const { sha256: own, ...content } = parsed(text);
  if (content.format !== FORMAT) {
    throw new RangeError(`${MANIFEST} must have the format '${FORMAT}', found ${show(content.format)}`);
  }
  if (own !== await hashOf(content)) {
    throw new RangeError(`${MANIFEST} must have the SHA-256 that it ends with; it is damaged`);
  }
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues as [z.core.$ZodIssue];
  const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], content);
  throw new RangeError(`'${path.join(".")}' of ${MANIFEST} ${message}, found ${show(value)}`);
}

function parsed(text: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text);
    if (isObject(json)) return json;
  } catch {
    // Both flaws are the same to the reader.
  }
  throw new RangeError(`${MANIFEST} must be a JSON object, found ${show(text)}`);
}

async function hashOf(content: object): Promise<string> {
  return await sha256(new TextEncoder().encode(canonicalJson(content)));
}
