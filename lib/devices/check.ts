/**
 * What every device checks before it touches memory.
 *
 * @module
 */

import type { Plan } from "../graph/plan.ts";
import { describe, type DType, type Tensor, typeOf } from "../graph/tensor.ts";
import type { HostData, StoreEntry, Stores } from "./device.ts";

/** Throws unless values are as many as an input takes, and of its type. */
export function checkInput(tensor: Tensor, data: ArrayBufferView & { readonly length: number }): void {
  const dtype = typeOf(data);
  if (data.length !== tensor.size || dtype !== tensor.dtype) {
    throw new RangeError(
      `Cannot set input ${describe(tensor)}: it takes ${tensor.size} values of ${tensor.dtype}, ` +
        `found ${data.length} of ${dtype}`,
    );
  }
}

/** Returns the input of a name among those that a program declares. */
export function inputOf(declared: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const tensor = declared.get(name);
  if (!tensor) {
    throw new RangeError(
      `Cannot set input '${name}': the program has ${[...declared.keys()].join(", ") || "none"}`,
    );
  }
  return tensor;
}

/**
 * Throws if a tensor is of another type than it is read as, or its memory is reused, so that it cannot be read after a
 * run: the plan decides, as it was made.
 */
export function checkReadable({ outputs }: Plan, tensor: Tensor, dtype: DType): void {
  if (tensor.dtype !== dtype) {
    const wayOut = tensor.dtype === "u32" ? "readU32()" : "read()";
    throw new TypeError(`Cannot read ${describe(tensor)} as ${dtype}: it is ${tensor.dtype}; use ${wayOut}`);
  }
  if (tensor.role === "temporary" && !outputs.has(tensor.base)) {
    throw new RangeError(
      `Cannot read '${tensor.name}': its memory is reused; mark it with graph.output() before plan(), and compile ` +
        "again",
    );
  }
}

/** Threads of a CPU device, at most: far more than any machine has cores, and few enough to be started. */
export const MOST_THREADS = 1024;

/** Throws unless a device can be opened with these options; those that are left out follow the machine. */
export function checkOptions(
  options: {
    readonly threads?: number | undefined;
    readonly memoryBytes?: number | undefined;
    readonly maxBindingBytes?: number | undefined;
  },
): void {
  const { threads = 0 } = options;
  if (!Number.isInteger(threads) || threads < 0 || threads > MOST_THREADS) {
    throw new RangeError(
      `Cannot open device: 'threads' must be a whole number from 0 to ${MOST_THREADS}, found ${threads}`,
    );
  }
  for (const name of ["memoryBytes", "maxBindingBytes"] as const) {
    const { [name]: bytes = Infinity } = options;
    if (!(bytes > 0)) {
      throw new RangeError(
        `Cannot open device: '${name}' must be bytes above 0, found ${bytes}; leave it out for no limit of your own`,
      );
    }
  }
}

const isCount = (value: number) => Number.isSafeInteger(value) && value > 0;

/** Throws unless a ring can have so many rows of so many values. */
export function checkRing(width: number, capacity: number): void {
  if (!isCount(width) || !isCount(capacity)) {
    throw new RangeError(
      `Cannot create ring: 'width' and 'capacity' must be whole numbers above 0, found ${width} and ${capacity}`,
    );
  }
}

/** Throws unless a store can be made of these entries, which are found by their names. */
export function checkEntries(entries: readonly StoreEntry[]): void {
  const names = new Set<string>();
  for (const { name, size } of entries) {
    if (!isCount(size)) {
      throw new RangeError(
        `Cannot create store: '${name}' must have a whole number of values above 0, found ${size}`,
      );
    }
    if (names.has(name)) {
      throw new RangeError(
        `Cannot create store: every name must be given once, found '${name}' twice; leave one out`,
      );
    }
    names.add(name);
  }
}

/** Returns a store's entry if values `offset` to `offset + size` lie within it. */
export function entryOf(entries: readonly StoreEntry[], name: string, offset: number, size: number): StoreEntry {
  const entry = entries.find((entry) => entry.name === name);
  if (!entry) throw new RangeError(`Cannot access '${name}': the store has no persistent tensor of this name`);
  const whole = Number.isInteger(offset) && Number.isInteger(size);
  if (!whole || offset < 0 || size < 0 || offset + size > entry.size) {
    throw new RangeError(
      `Cannot access '${name}': values ${offset} to ${offset + size} must lie within its ${entry.size} values`,
    );
  }
  return entry;
}

/** Returns a store's entry if values of a type that stores hold can be written to it from `offset` on. */
export function writableOf(entries: readonly StoreEntry[], name: string, offset: number, data: HostData): StoreEntry {
  const found = typeOf(data);
  if (found !== "f32" && found !== "u32") {
    throw new RangeError(`Cannot write '${name}': values must be f32 or u32, found ${found}`);
  }
  return entryOf(entries, name, offset, data.length);
}

/** Returns the store's entry that a program means, which must be of the size that its graph declared. */
export function persistentOf(entries: readonly StoreEntry[], name: string, size: number): StoreEntry {
  const entry = entries.find((entry) => entry.name === name);
  if (!entry || entry.size !== size) {
    throw new RangeError(
      `Cannot use persistent tensor '${name}' of ${size} values: the store has ` +
        (entry ? `${entry.size} values` : "nothing") + " under this name",
    );
  }
  return entry;
}

/** Throws unless what a device is given was made by it: elsewhere the same places mean other values. */
export function checkMaker(what: string, made: object, memory: object): void {
  if ((made as { memory?: object }).memory !== memory) {
    throw new TypeError(
      `Cannot use ${what} with this device: it must be made by it, found one of another device; ` +
        "create it with this device",
    );
  }
}

/** Returns the first of a program's stores that has a persistent tensor, and the tensor's name in it. */
export function storeOf<S extends { readonly entries: readonly StoreEntry[] }>(
  stores: Stores<S>,
  name: string,
  memory: object,
): { readonly store: S; readonly entry: string } {
  for (const [key, given] of Object.entries(isList(stores) ? { "": stores } : stores)) {
    const prefix = key && `${key}.`;
    for (const store of isList(given) ? given : [given]) {
      const entry = store.entries.find((entry) => prefix + entry.name === name);
      if (!entry) continue;
      checkMaker(`store '${entry.name}'`, store, memory);
      return { store, entry: entry.name };
    }
  }
  throw new RangeError(`Cannot use persistent tensor '${name}': none of the program's stores has it`);
}

function isList<S>(given: S | Stores<S>): given is readonly S[] {
  return Array.isArray(given);
}

/** Throws unless a ring has room for `rows` more rows and they have its width. */
export function checkRows(
  ring: { readonly width: number; readonly capacity: number; readonly pending: number },
  rows: number,
  width: number,
): void {
  if (width !== ring.width) {
    throw new RangeError(`Cannot keep a row: the ring's rows have ${ring.width} values, found ${width}`);
  }
  if (ring.pending + rows > ring.capacity) {
    throw new RangeError(`Cannot keep another row: the ring holds ${ring.capacity}; drain it first`);
  }
}
