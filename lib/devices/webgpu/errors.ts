/**
 * Errors that WebGPU reports to listeners only.
 *
 * @module
 */

import { DeviceError, disposedOf, LESS_MEMORY, oneLine } from "../errors.ts";

/**
 * Remembers the first thing that goes wrong on a GPUDevice. WebGPU reports errors to listeners only; without one they
 * vanish and the results are silently wrong.
 */
export class ErrorWatch {
  #error: DeviceError | undefined;

  constructor(device: GPUDevice) {
    device.addEventListener("uncapturederror", (event) => {
      const { error } = event as GPUUncapturedErrorEvent;
      event.preventDefault();
      this.#error ??= error instanceof GPUOutOfMemoryError
        ? new DeviceError(`Device out of memory: ${oneLine(error.message)}; ${LESS_MEMORY}`)
        : new DeviceError(`Device refused a call: ${oneLine(error.message)}`);
    });
    device.lost.then(({ message }) => {
      this.#error ??= new DeviceError(
        `Device lost: ${oneLine(message)}; continue from the last checkpoint with --resume auto`,
      );
    });
  }

  /** Refuses all calls from now on. */
  close(): void {
    this.#error ??= disposedOf("the device", "open another one");
  }

  /** Throws what was seen, once a caller is there to hear it. */
  check(): void {
    if (this.#error) throw this.#error;
  }
}
