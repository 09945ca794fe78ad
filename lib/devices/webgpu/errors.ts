/** A failure of the device: a lost adapter, memory that ran out, a launch that the driver refused. */
export class DeviceError extends Error {
  /** The name that stacks and logs show. */
  override readonly name = "DeviceError";
}

/** What to do when memory runs out, for every message that says so. */
export const LESS_MEMORY = "lower --micro-batch, --sequence or the model's size";

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
        ? new DeviceError(`Device out of memory: ${firstLine(error.message)}; ${LESS_MEMORY}`)
        : new DeviceError(`Device refused a call: ${firstLine(error.message)}`);
    });
    device.lost.then(({ message }) => {
      this.#error ??= new DeviceError(
        `Device lost: ${firstLine(message)}; continue from the last checkpoint with --resume auto`,
      );
    });
  }

  /** From now on, calls are refused. */
  close(): void {
    this.#error ??= new DeviceError("Cannot use the device: it is disposed of; open another one");
  }

  /** Throws what was seen, once a caller is there to hear it. */
  check(): void {
    if (this.#error) throw this.#error;
  }
}

/** The lines of a driver's message in one line. */
export function firstLine(message: string): string {
  return message.replace(/\s*\n\s*/g, " ").trim();
}
