import { assertEquals } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { TeacherPass } from "../../lib/distill/teacher_pass.ts";
import { logits } from "../../lib/model/forward.ts";
import { Model } from "../../lib/model/model.ts";
import { largeParameters, randomTokens, smallNeoX } from "../model/small_neox.ts";
import { assertClose, tf } from "../ops/harness.ts";

const { sequence, vocabularySize: vocabulary } = smallNeoX;
const tokens = randomTokens(smallNeoX, 5, sequence);

for (const kind of ["webgpu", "cpu"] as const) {
  const device = await openDevice(kind);
  Deno.test.afterAll(() => device[Symbol.dispose]());

  Deno.test(`a pass computes the softmax of a teacher's logits, whatever chunks it looks at (${kind})`, async () => {
    using teacher = await Model.create(device, smallNeoX, largeParameters(smallNeoX));
    const scores = tf.tensor2d(await logits(teacher, tokens), [5 * sequence, vocabulary]);
    const expected = tf.softmax(scores.div(0.5)).dataSync();
    for (const chunk of [undefined, 1, 10, 21]) {
      using pass = await TeacherPass.create(teacher, {
        ...{ batch: 3, sequence, temperature: 0.5 },
        ...(chunk !== undefined && { chunk }),
      });
      const found: number[] = [];
      for (const [first, count] of [[0, 3], [3, 2]] as const) {
        const windows = tokens.slice(first, first + count).map((row) => Uint32Array.from(row));
        for await (const { first: at, probabilities } of pass.run(windows)) {
          assertEquals(found.length, (first * sequence + at) * vocabulary);
          found.push(...probabilities);
        }
      }
      assertClose(found, expected, `in chunks of ${chunk}`, 1e-5);
    }
  });
}
