import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { WebGPUDevice } from "../../lib/devices/webgpu/device.ts";
import { tf, toTensorFlow } from "../../lib/interop/tensorflow.ts";
import { Model } from "../../lib/model/model.ts";
import { largeParameters, smallNeoX as config } from "../model/small_neox.ts";

const parameters = largeParameters(config);
const name = "gpt_neox.layers.1.mlp.dense_h_to_4h.weight";
const weight = parameters.get(name)!;

const device = await WebGPUDevice.open();
const model = await Model.create(device, config, parameters);
Deno.test.afterAll(() => device[Symbol.dispose]());

/** Counts the buffers that are made and destroyed on a GPUDevice while an action runs. */
async function buffersOf(gpu: GPUDevice, action: () => Promise<void>) {
  const counts = { made: 0, destroyed: 0 };
  const { createBuffer } = gpu;
  gpu.createBuffer = (descriptor) => {
    const buffer = createBuffer.call(gpu, descriptor);
    const { destroy } = buffer;
    counts.made++;
    buffer.destroy = () => {
      counts.destroyed++;
      return destroy.call(buffer);
    };
    return buffer;
  };
  await action();
  gpu.createBuffer = createBuffer;
  return counts;
}

for (const kind of ["cpu", "webgpu"] as const) {
  Deno.test(`TensorFlow.js computes with the values of a parameter, in its shape (${kind})`, async () => {
    using own = kind === "cpu" ? await openDevice("cpu", { threads: 1 }) : undefined;
    using onCpu = own && await Model.create(own, config, parameters);
    const tensor = await toTensorFlow(onCpu ?? model, name);
    assertEquals([tf.getBackend(), tensor.shape], [kind, [50, 24]]);
    assertEquals(await tensor.data(), weight);
    const norm = tf.norm(tensor);
    assertAlmostEquals((await norm.data())[0]!, Math.hypot(...weight), 1e-3);
    tf.dispose([tensor, norm]);
  });
}

Deno.test("a page is the model's own memory: what is written into it is seen, and disposing of it frees nothing", async () => {
  const page = await toTensorFlow(model, "parameters.0");
  assertEquals(page.shape, [model.pages.sizes[0]!]);
  const { offset } = model.pages.placements.find((placement) => placement.name === name)!;
  model.store.write("parameters.0", Float32Array.of(1234), offset);
  const seen = tf.tidy(() => page.slice([offset], [2]));
  assertEquals([...await seen.data()], [1234, weight[1]]);
  model.store.write("parameters.0", weight.slice(0, 1), offset);
  tf.dispose([page, seen]);
  assertEquals((await model.parameters()).get(name), weight);
});

Deno.test("a parameter is a copy on the device: it stays as it was, and TensorFlow.js frees it", async () => {
  const tensor = await toTensorFlow(model, name);
  const { offset } = model.pages.placements.find((placement) => placement.name === name)!;
  model.store.write("parameters.0", Float32Array.of(1234), offset);
  assertEquals(await tensor.data(), weight);
  model.store.write("parameters.0", weight.slice(0, 1), offset);
  tensor.dispose();
  const buffers = await buffersOf(device.gpu, async () => {
    for (let i = 0; i < 20; i++) (await toTensorFlow(model, name)).dispose();
  });
  assertEquals(buffers, { made: 0, destroyed: 0 }, "the one that was freed is taken again");
});

Deno.test("handing tensors over makes no buffer of ours, and leaves none behind once they are disposed of", async () => {
  const { buffers, bytes } = device.counters;
  const { numTensors, numDataBuffers } = tf.memory();
  for (const each of [name, "parameters.0"]) {
    const tensor = await toTensorFlow(model, each);
    const norm = tf.norm(tensor);
    assert((await norm.data())[0]! > 0);
    tf.dispose([tensor, norm]);
  }
  assertEquals([device.counters.buffers, device.counters.bytes], [buffers, bytes]);
  const left = tf.memory();
  assertEquals([left.numTensors, left.numDataBuffers], [numTensors, numDataBuffers]);
});

Deno.test("an activation is handed over with its shape, on whatever backend there is", async () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6);
  const tensor = await toTensorFlow({ shape: [2, 3], values });
  const sums = tensor.sum(1);
  assertEquals([tensor.shape, await sums.data()], [[2, 3], Float32Array.of(6, 15)]);
  tf.dispose([tensor, sums]);
});

Deno.test("a name that the model does not have is refused with those it has", async () => {
  await assertRejects(
    () => toTensorFlow(model, "embed_in"),
    RangeError,
    "Cannot hand 'embed_in' to TensorFlow.js: the model has the parameters gpt_neox.embed_in.weight, ",
  );
});

Deno.test("TensorFlow.js moves to another GPUDevice once it holds no tensor of the first, or that is closed", async () => {
  const held = await toTensorFlow(model, name);
  {
    using other = await WebGPUDevice.open();
    using copy = await Model.create(other, config, parameters);
    const refused = "it must hold none of another GPUDevice, found 1; dispose of them";
    await assertRejects(() => toTensorFlow(copy, name), RangeError, refused);
    held.dispose();
    assertEquals(await (await toTensorFlow(copy, name)).data(), weight); // its tensor goes down with its device
  }
  const back = await toTensorFlow(model, name);
  assertEquals(await back.data(), weight);
  back.dispose();
});
