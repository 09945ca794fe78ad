/**
 * Number formats in safetensors files, and the floats among them as 32-bit floats.
 *
 * @module
 */

const sizes: Readonly<Record<string, number>> = {
  ...{ BOOL: 1, U8: 1, I8: 1, F8_E4M3: 1, F8_E5M2: 1, F8_E8M0: 1 },
  ...{ U16: 2, I16: 2, F16: 2, BF16: 2 },
  ...{ U32: 4, I32: 4, F32: 4 },
  ...{ U64: 8, I64: 8, F64: 8, C64: 8 },
};

/** The number formats that a tensor may have, whether or not it can be read as floats. */
export const knownFormats: readonly string[] = Object.keys(sizes);

/** Returns the bytes of one element, or undefined if there is no such format. */
export function bytesPerElement(dtype: string): number | undefined {
  return Object.hasOwn(sizes, dtype) ? sizes[dtype] : undefined;
}

/** The formats that parameters are read from. */
export const floatFormats: readonly string[] = ["F32", "F16", "BF16", "F64"];

/** The formats that tensors are written in. */
export type StoredFormat = "F32" | "F16";

/**
 * Decodes little-endian floats to 32-bit floats: exactly, but that F64 is rounded.
 *
 * @param bytes Takes no copy with F32: the result is a view of its memory.
 * @throws {RangeError} If a finite F64 value is too large, or the format is none of {@linkcode floatFormats}.
 */
export function decodeFloats(dtype: string, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  if (dtype === "F32") return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  if (dtype === "F16") return new Float32Array(new Float16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2));
  if (dtype === "BF16") {
    const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
  }
  if (dtype === "F64") {
    const doubles = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
    return narrowed(doubles, new Float32Array(doubles));
  }
  throw new RangeError(`must be one of ${floatFormats.join(", ")} to be read as floats, found ${dtype}`);
}

/**
 * Encodes 32-bit floats as the bytes of a safetensors file.
 *
 * @returns With F32 a view of the same memory, else a copy.
 * @throws {RangeError} If a finite value is too large for F16, or the format is none of these.
 */
export function encodeFloats(dtype: StoredFormat, values: Float32Array): Uint8Array {
  // Notebooks run without a check of types, and another format's name over these bytes would be a lying file.
  if (dtype !== "F32" && dtype !== "F16") throw new RangeError("must be written as F32 or F16");
  const stored = dtype === "F32" ? values : narrowed(values, new Float16Array(values));
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

/** Returns `narrow` unless a finite value of `wide` became infinite in it. */
function narrowed<T extends Float32Array | Float16Array>(wide: Float64Array | Float32Array, narrow: T): T {
  for (let i = 0; i < wide.length; i++) {
    if (Number.isFinite(wide[i]) && !Number.isFinite(narrow[i])) {
      throw new RangeError(`must fit ${narrow.BYTES_PER_ELEMENT * 8}-bit floats, found ${wide[i]} at element ${i}`);
    }
  }
  return narrow;
}
