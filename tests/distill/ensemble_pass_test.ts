import { assertEquals } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { EnsemblePass } from "../../lib/distill/ensemble_pass.ts";
import { logits } from "../../lib/model/forward.ts";
import { Model } from "../../lib/model/model.ts";
import { largeParameters, randomTokens, smallNeoX } from "../model/small_neox.ts";
import { assertClose, tf } from "../ops/harness.ts";

const { sequence, vocabularySize: vocabulary } = smallNeoX;
const tokens = randomTokens(smallNeoX, 3, sequence);
const shapes = [smallNeoX, { ...smallNeoX, width: 16, heads: 2 }, { ...smallNeoX, layers: 1 }];

for (const kind of ["webgpu", "cpu"] as const) {
  const device = await openDevice(kind);
  Deno.test.afterAll(() => device[Symbol.dispose]());

  Deno.test(`a pass of several teachers computes the mean of their softmaxes, chunk by chunk (${kind})`, async () => {
    using models = new DisposableStack();
    const teachers: Model[] = [];
    for (const shape of shapes) teachers.push(models.use(await Model.create(device, shape, largeParameters(shape))));
    let expected = tf.zeros([3 * sequence, vocabulary]);
    for (const teacher of teachers) {
      const scores = tf.tensor2d(await logits(teacher, tokens), [3 * sequence, vocabulary]);
      expected = expected.add(tf.softmax(scores.div(2)).div(teachers.length));
    }
    using pass = await EnsemblePass.create(teachers, { batch: 3, sequence, temperature: 2, chunk: 10 });
    const found: number[] = [];
    for await (const { first, probabilities } of pass.run(tokens.map((row) => Uint32Array.from(row)))) {
      assertEquals(found.length, first * vocabulary);
      found.push(...probabilities);
    }
    assertClose(found, expected.dataSync(), "the mean", 1e-5);
  });
}
