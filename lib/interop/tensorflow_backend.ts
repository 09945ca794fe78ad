/**
 * TensorFlow.js's WebGPU backend on a GPUDevice of ours.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs";
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";

/** The name under which TensorFlow.js has its kernels for WebGPU; no other name would find them. */
const NAME = "webgpu";

/** How long a destroyed device may take to say that it is lost. */
const GRACE_MS = 20;

let shared: { readonly gpu: GPUDevice; readonly backend: WebGPUBackend } | undefined;

/**
 * Makes the WebGPU backend of TensorFlow.js run on `gpu` and the current one. TensorFlow.js has one such backend: one on
 * another GPUDevice is replaced once its tensors have been disposed of, or that device is lost.
 *
 * @throws {RangeError} If there are tensors on another GPUDevice.
 */
export async function shareDevice(gpu: GPUDevice): Promise<WebGPUBackend> {
  if (shared?.gpu !== gpu) await replace(gpu);
  await tf.setBackend(NAME);
  return shared!.backend;
}

async function replace(gpu: GPUDevice): Promise<void> {
  const tensors = shared?.backend.numDataIds() ?? 0;
  if (tensors > 0 && !await isLost(shared!.gpu)) {
    throw new RangeError(
      `Cannot hand a tensor to TensorFlow.js: it must hold none of another GPUDevice, found ${tensors}; dispose of them`,
    );
  }
  tf.removeBackend(NAME);
  const backend = new WebGPUBackend(gpu);
  tf.registerBackend(NAME, () => backend);
  shared = { gpu, backend };
}

/** Tells whether a device is lost; one that has just been destroyed says so some tasks later. */
async function isLost({ lost }: GPUDevice): Promise<boolean> {
  return await Promise.race([
    lost.then(() => true),
    new Promise<boolean>((tell) => setTimeout(() => tell(false), GRACE_MS)),
  ]);
}
