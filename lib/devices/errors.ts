/**
 * Failures of devices.
 *
 * @module
 */

import { formatBytes } from "../units.ts";

/** A failure of the device: a lost adapter, memory that ran out, a launch that the driver refused. */
export class DeviceError extends Error {
  /** The name that stacks and logs show. */
  override readonly name = "DeviceError";
}

/** Joins the lines of a driver's message into one. */
export function oneLine(message: string): string {
  return message.replace(/\s*\n\s*/g, " ").trim();
}

/** Makes the error of using what was freed. */
export function disposedOf(what: string, wayOut: string): DeviceError {
  return new DeviceError(`Cannot use ${what}: it is disposed of; ${wayOut}`);
}

/** What to do when memory runs out, for every message that says so. */
export const LESS_MEMORY = "lower --micro-batch, --sequence or the model's size";

/**
 * Makes the error of an allocation that does not fit.
 *
 * @param needed Bytes in use after it.
 * @param available Bytes that there are, where that is known.
 */
export function outOfMemory(what: string, needed: number, available?: number): DeviceError {
  const found = available === undefined ? "less is" : formatBytes(available);
  return new DeviceError(
    `Cannot allocate ${what}: ${LESS_MEMORY}: ${formatBytes(needed)} needed, ${found} available`,
  );
}
