import { assertAlmostEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { openDevice } from "../../../lib/devices/mod.ts";
import { capture, logits } from "../../../lib/model/forward.ts";
import { Model } from "../../../lib/model/model.ts";
import { streamCovariance } from "../../../lib/subnet/axes/covariance.ts";
import { principalAxes, shareHeld } from "../../../lib/subnet/axes/rotation.ts";
import { principalAxesOf, turnToPrincipalAxes } from "../../../lib/subnet/axes/turn.ts";
import { Random } from "../../../lib/random.ts";
import { onEach } from "../../devices/on_each.ts";
import { largeParameters, randomTokens, smallNeoX } from "../../model/small_neox.ts";

const cpu = await openDevice("cpu");
Deno.test.afterAll(() => cpu[Symbol.dispose]());

const text = randomTokens(smallNeoX, 6, smallNeoX.sequence);

for (const parallelResidual of [true, false]) {
  const kind = `${parallelResidual ? "parallel" : "sequential"} blocks`;
  onEach(`a teacher of ${kind} that is turned to its principal axes has the logits that it had`, async (device) => {
    const config = { ...smallNeoX, parallelResidual };
    using teacher = await Model.create(device, config, largeParameters(config));
    using turned = await turnToPrincipalAxes(teacher, text);
    const [expected, found] = [await logits(teacher, text), await logits(turned, text)];
    const size = Math.max(...expected.map(Math.abs));
    expected.forEach((value, i) => assertAlmostEquals(found[i]!, value, 1e-5 * size));
  });
}

Deno.test("the first coordinates of a turned stream hold as much as any as many directions can", async () => {
  using teacher = await Model.create(cpu, smallNeoX, largeParameters(smallNeoX));
  using turned = await turnToPrincipalAxes(teacher, text);
  const { width, layers } = smallNeoX;
  const names = [...Array.from({ length: layers }, (_, i) => `blocks.${i}.input`), `blocks.${layers - 1}.output`];
  const streams = await capture(turned, text, names);
  const kept = (size: number) => {
    let all = 0, inside = 0;
    for (const stream of streams.values()) {
      for (let row = 0; row < stream.length; row += width) {
        const values = [...stream.subarray(row, row + width)];
        const whole = squares(values);
        all += 1;
        // What a norm over the first coordinates alone sees of them.
        inside += squares(values.slice(0, size)) / whole;
      }
    }
    return inside / all;
  };
  const eigenvalues = eigenvaluesOf(await streamCovariance(teacher, text), width);
  const total = eigenvalues.reduce((sum, value) => sum + value);
  for (const size of [2, 5, width - 1]) {
    const best = eigenvalues.slice(0, size - 1).reduce((sum, value) => sum + value, 0) / total;
    assertAlmostEquals(kept(size), best, 1e-4);
    assertAlmostEquals(shareHeld(await principalAxesOf(teacher, text), size), best, 1e-4);
  }
  assertAlmostEquals(kept(width), 1, 1e-6);
});

Deno.test("a rotation keeps lengths and the direction of equal coordinates", () => {
  const width = 12;
  const values = new Float32Array(40 * width);
  new Random(3, "turn").fillNormal(values, 1);
  const covariance = new Float64Array(width * width);
  for (let row = 0; row < values.length; row += width) {
    const centred = values.subarray(row, row + width);
    const mean = centred.reduce((sum, value) => sum + value) / width;
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) covariance[i * width + j]! += (centred[i]! - mean) * (centred[j]! - mean);
    }
  }
  const { rotation } = principalAxes(covariance, width);
  for (let i = 0; i < width; i++) {
    assertAlmostEquals(sum(width, (k) => rotation[i * width + k]!), 1, 1e-6);
    for (let j = 0; j < width; j++) {
      const product = sum(width, (k) => rotation[i * width + k]! * rotation[j * width + k]!);
      assertAlmostEquals(product, Number(i === j), 1e-6);
    }
  }
});

Deno.test("a stream that does not vary in some directions is turned too", () => {
  const { rotation } = principalAxes(new Float64Array(16), 4);
  for (let i = 0; i < 4; i++) assertAlmostEquals(sum(4, (k) => rotation[i * 4 + k]! ** 2), 1, 1e-6);
});

Deno.test("a teacher whose weights cannot take up what norms do is refused", async () => {
  for (
    const [changed, message] of [
      [
        { tiedEmbeddings: true },
        "its output projection must be its own, as it takes up the last norm's gains, found it tied",
      ],
      [{ attentionBias: false }, "its attention must have biases, as they take up those of a norm, found none"],
    ] as const
  ) {
    const config = { ...smallNeoX, ...changed };
    using teacher = await Model.create(cpu, config, largeParameters(config));
    await assertRejects(() => turnToPrincipalAxes(teacher, text), RangeError, message);
  }
  const parameters = largeParameters(smallNeoX);
  parameters.get("gpt_neox.final_layer_norm.weight")![2] = 0;
  using teacher = await Model.create(cpu, smallNeoX, parameters);
  const error = await assertRejects(() => turnToPrincipalAxes(teacher, text), RangeError);
  assertStringIncludes(error.message, "gains of its last norm must be at least 0.000001, found 0 at 2");
});

function squares(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}

function sum(count: number, term: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += term(i);
  return total;
}

/** Eigenvalues by Jacobi's rotations, the largest first: an oracle that shares nothing with the library. */
function eigenvaluesOf(matrix: ArrayLike<number>, size: number): number[] {
  const a = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => matrix[i * size + j]!));
  for (let sweep = 0; sweep < 50; sweep++) {
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        if (Math.abs(a[p]![q]!) < 1e-14) continue;
        const angle = Math.atan2(2 * a[p]![q]!, a[q]![q]! - a[p]![p]!) / 2;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        for (let k = 0; k < size; k++) {
          [a[k]![p], a[k]![q]] = [c * a[k]![p]! - s * a[k]![q]!, s * a[k]![p]! + c * a[k]![q]!];
        }
        for (let k = 0; k < size; k++) {
          [a[p]![k], a[q]![k]] = [c * a[p]![k]! - s * a[q]![k]!, s * a[p]![k]! + c * a[q]![k]!];
        }
      }
    }
  }
  return a.map((row, i) => row[i]!).sort((x, y) => y - x);
}
