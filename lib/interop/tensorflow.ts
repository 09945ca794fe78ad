/**
 * Tensors handed to TensorFlow.js, so that a notebook can compute with a weight or an activation:
 * `tf.norm(await toTensorFlow(model, name))`.
 *
 * This file loads TensorFlow.js, which is large; nothing else of the library imports it.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs";
import { WebGPUDevice } from "../devices/webgpu/device.ts";
import type { WebGPUStore } from "../devices/webgpu/store.ts";
import { BYTES_PER_ELEMENT, sizeOf } from "../graph/tensor.ts";
import type { ActivationValues } from "../model/activations.ts";
import { Model } from "../model/model.ts";
import { pageName } from "../model/pages.ts";
import { shareDevice } from "./tensorflow_backend.ts";

tf.enableProdMode(); // without its advice on the standard error

/** TensorFlow.js, the instance that the tensors belong to. */
export { tf };

/**
 * Hands a parameter of a model to TensorFlow.js; its own backend for the model's device becomes the current one.
 *
 * On WebGPU the tensor is on the same GPUDevice and nothing goes through the host. A parameter is a slice of a page, which
 * TensorFlow.js cannot address: the slice is copied on the device, and the copy is TensorFlow's, freed by its
 * `dispose()`. A whole page, `parameters.0`, is not copied: the tensor is the model's own memory, follows its training,
 * is not freed by `dispose()`, and must not be used after the model has been disposed of. On the CPU device values are
 * copied.
 *
 * @param name A Hugging Face tensor name, of the shape in the file, or a page, of the shape `[values]`.
 * @returns To be disposed of, in `tf.tidy()` or by hand, before the device.
 * @throws {RangeError} If the model has no such parameter, or TensorFlow.js holds tensors of another GPUDevice.
 */
export async function toTensorFlow(model: Model, name: string): Promise<tf.Tensor>;
/**
 * Hands an activation that was captured to TensorFlow.js, on its current backend, with a copy.
 *
 * @returns Of the activation's shape.
 */
export async function toTensorFlow(activation: ActivationValues): Promise<tf.Tensor>;
export async function toTensorFlow(source: Model | ActivationValues, name = ""): Promise<tf.Tensor> {
  if (!(source instanceof Model)) {
    await tf.ready();
    return tf.tensor(source.values, [...source.shape]);
  }
  const { device, store } = source;
  const { entry, offset, shape } = placeOf(source, name);
  if (!(device instanceof WebGPUDevice)) {
    await tf.setBackend("cpu");
    return tf.tensor(await store.read(entry, offset, sizeOf(shape)), [...shape]);
  }
  const backend = await shareDevice(device.gpu);
  const { size } = store.entries.find((each) => each.name === entry)!;
  const { raw } = (store as WebGPUStore).buffer(entry, size);
  const bytes = sizeOf(shape) * BYTES_PER_ELEMENT;
  // TensorFlow.js reads a buffer from its beginning to its end.
  if (offset === 0 && raw.size === bytes) return wrap(raw, shape);
  const copy = backend.bufferManager.acquireBuffer(bytes, raw.usage);
  const encoder = device.gpu.createCommandEncoder();
  encoder.copyBufferToBuffer(raw, offset * BYTES_PER_ELEMENT, copy, 0, bytes);
  device.gpu.queue.submit([encoder.finish()]);
  const tensor = wrap(copy, shape);
  backend.tensorMap.get(tensor.dataId).external = false; // the copy is TensorFlow's to free
  return tensor;
}

function wrap(buffer: GPUBuffer, shape: readonly number[]): tf.Tensor {
  return tf.tensor({ buffer, zeroCopy: true } as tf.WebGPUData, [...shape]);
}

/** Where a parameter or a page lies. */
function placeOf({ pages }: Model, name: string) {
  const page = pages.sizes.findIndex((_, page) => pageName("parameters", page) === name);
  if (page >= 0) return { entry: name, offset: 0, shape: [pages.sizes[page]!] };
  const found = pages.placements.find((placement) => placement.name === name);
  if (found) return { entry: pageName("parameters", found.page), offset: found.offset, shape: found.shape };
  const names = [...pages.placements.map(({ name }) => name), ...pages.sizes.map((_, i) => pageName("parameters", i))];
  throw new RangeError(`Cannot hand '${name}' to TensorFlow.js: the model has the parameters ${names.join(", ")}`);
}
