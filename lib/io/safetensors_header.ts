/**
 * The header of a safetensors file: a JSON object that says where each tensor lies in the bytes behind it.
 *
 * @module
 */

import { isObject } from "../unknown.ts";
import { bytesPerElement, knownFormats } from "./safetensors_dtypes.ts";

/** Where a tensor lies, and what it is. */
export interface TensorInfo {
  /** The tensor's name. */
  readonly name: string;
  /** Number format, such as `F32`. */
  readonly dtype: string;
  /** Row-major shape; empty for a scalar. */
  readonly shape: readonly number[];
  /** First byte, counted from the end of the header. */
  readonly begin: number;
  /** Byte behind the last one, counted from the end of the header. */
  readonly end: number;
}

/** A header whose every rule holds. */
export interface SafetensorsHeader {
  /** The tensors by name, in the order in which they lie in the file. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** Free text that the writer left. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Bytes of the header's length, which stands before it. */
export const LENGTH_BYTES = 8;

/** Longest header that is read, in bytes; the limit of the format's own library. */
export const MAXIMUM_HEADER_BYTES = 100_000_000;

const METADATA = "__metadata__";

/**
 * Parses a header and checks that its tensors tile the data exactly: no overlap, no gap, nothing beyond the end.
 *
 * @param bytes The header's JSON in UTF-8.
 * @param dataBytes The bytes that the file has behind it.
 * @throws {RangeError} With the tensor, the rule and the value found.
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number): SafetensorsHeader {
  const entries = Object.entries(parseObject(bytes));
  const tensors = entries.filter(([name]) => name !== METADATA).map(([name, entry]) => tensorInfo(name, entry));
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0, previous = "the header";
  for (const { name, begin, end: next } of tensors) {
    if (next > dataBytes) {
      fail(name, `must end within the file's ${dataBytes} bytes of data, found data_offsets [${begin}, ${next}]`);
    }
    if (begin !== end) {
      const flaw = begin < end ? "an overlap" : "a gap";
      fail(name, `must begin where ${previous} ends, at byte ${end}, found ${flaw}: it begins at ${begin}`);
    }
    [end, previous] = [next, `'${name}'`];
  }
  if (end !== dataBytes) {
    throw new RangeError(
      `the last tensor must end with the file's ${dataBytes} bytes of data, found its end at ${end}`,
    );
  }
  const metadata = entries.filter(([name]) => name === METADATA).flatMap(([, value]) => metadataEntries(value));
  return { tensors: new Map(tensors.map((info) => [info.name, info])), metadata: new Map(metadata) };
}

/**
 * Formats a header, padded with spaces so that the data behind it and the eight bytes before it begin at a multiple of
 * 8.
 *
 * @param tensors In the order in which they lie in the file.
 */
export function formatHeader(tensors: readonly TensorInfo[], metadata?: Readonly<Record<string, string>>): Uint8Array {
  const entries = tensors.map(({ name, dtype, shape, begin, end }): [string, unknown] => [
    name,
    { dtype, shape, data_offsets: [begin, end] },
  ]);
  const text = JSON.stringify(Object.fromEntries(metadata ? [[METADATA, metadata], ...entries] : entries));
  const json = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20);
  padded.set(json);
  return padded;
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw new RangeError("the header must be JSON in UTF-8; the file is damaged or of another format");
  }
  if (!isObject(value)) throw new RangeError("the header must be a JSON object");
  const twice = duplicateKey(text);
  if (twice !== undefined) throw new RangeError(`the header must name each key once, found '${twice}' twice`);
  return value;
}

function tensorInfo(name: string, entry: unknown): TensorInfo {
  if (!isObject(entry)) fail(name, `must be described by an object, found ${JSON.stringify(entry)}`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const elementBytes = typeof dtype === "string" ? bytesPerElement(dtype) : undefined;
  if (typeof dtype !== "string" || elementBytes === undefined) {
    fail(name, `must have a dtype of ${knownFormats.join(", ")}, found ${JSON.stringify(dtype)}`);
  }
  if (!isSizes(shape)) fail(name, `must have a shape of non-negative integers, found ${JSON.stringify(shape)}`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    fail(name, `must have data_offsets [begin, end] with begin <= end, found ${JSON.stringify(offsets)}`);
  }
  const bytes = shape.reduce((product, size) => product * size, elementBytes);
  const [begin, end] = offsets as [number, number];
  if (bytes !== end - begin) {
    const found = `data_offsets [${begin}, ${end}] of ${end - begin}`;
    fail(name, `must have the ${bytes} bytes of its shape [${shape.join(", ")}] in ${dtype}, found ${found}`);
  }
  return { name, dtype, shape, begin, end };
}

function metadataEntries(value: unknown): [string, string][] {
  if (!isObject(value)) throw new RangeError(`'${METADATA}' must be an object of strings`);
  return Object.entries(value).map(([key, text]) => {
    if (typeof text !== "string") throw new RangeError(`'${METADATA}' must be an object of strings, found '${key}'`);
    return [key, text];
  });
}

/** Finds a key that stands twice in one object of a valid JSON text, where `JSON.parse` would keep the later one. */
function duplicateKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, string, colon] of json.matchAll(/("(?:[^"\\]+|\\.)*")(\s*:)?|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(string!) as string;
      if (open.at(-1)!.has(key)) return key;
      open.at(-1)!.add(key);
    }
  }
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function fail(name: string, rule: string): never {
  throw new RangeError(`tensor '${name}' ${rule}`);
}
