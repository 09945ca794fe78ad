/**
 * A writer of safetensors files: the same bytes for the same tensors.
 *
 * @module
 */

import { sizeOf } from "../graph/tensor.ts";
import { NewFile } from "./files.ts";
import { bytesPerElement, encodeFloats, type StoredFormat } from "./safetensors_dtypes.ts";
import { formatHeader, LENGTH_BYTES, type TensorInfo } from "./safetensors_header.ts";

/** A tensor to be written. */
export interface NamedTensor {
  /** Its name. */
  readonly name: string;
  /** Row-major shape; the product is the length of `values`. */
  readonly shape: readonly number[];
  /** The elements. */
  readonly values: Float32Array;
}

/** How tensors are written. */
export interface WriteOptions {
  /** Number format of all tensors. @default {"F32"} */
  readonly dtype?: StoredFormat;
  /** Free text for readers; `transformers` asks for `{ format: "pt" }`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes tensors in the given order, one at a time, and syncs the file.
 *
 * @returns The file's SHA-256 in hexadecimal digits.
 * @throws {RangeError} If a name is given twice, a shape does not fit its values, or a value does not fit F16.
 * @throws {FileError} If the file system refuses.
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly NamedTensor[],
  options: WriteOptions = {},
): Promise<string> {
  const { dtype = "F32", metadata } = options;
  const header = formatHeader(layOut(tensors, dtype), metadata);
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  using file = await NewFile.create(path);
  await file.write(length);
  await file.write(header);
  for (const { name, values } of tensors) await file.write(encode(name, dtype, values));
  return await file.finish();
}

function layOut(tensors: readonly NamedTensor[], dtype: StoredFormat): TensorInfo[] {
  const names = new Set<string>();
  let begin = 0;
  return tensors.map(({ name, shape, values }) => {
    const size = sizeOf(shape);
    const rule = names.has(name) || name === "__metadata__"
      ? "must have a name of its own"
      : size !== values.length
      ? `must have the ${size} values of its shape [${shape.join(", ")}], found ${values.length}`
      : undefined;
    if (rule) throw new RangeError(`Cannot write tensor '${name}': it ${rule}`);
    names.add(name);
    const end = begin + values.length * bytesPerElement(dtype)!;
    const info = { name, dtype, shape, begin, end };
    begin = end;
    return info;
  });
}

function encode(name: string, dtype: StoredFormat, values: Float32Array): Uint8Array {
  try {
    return encodeFloats(dtype, values);
  } catch (error) {
    throw new RangeError(`Cannot write tensor '${name}' as ${dtype}: it ${(error as Error).message}; choose F32`);
  }
}
