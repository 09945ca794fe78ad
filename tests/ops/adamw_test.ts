import { assertEquals, assertThrows } from "@std/assert";
import type { Device } from "../../lib/devices/device.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { plan } from "../../lib/graph/plan.ts";
import { adamw, DECAY_BLOCK } from "../../lib/ops/adamw/mod.ts";
import { assertClose, normals, tf } from "./harness.ts";

const device = await openDevice("webgpu");
const cpu = await openDevice("cpu", { threads: 0 });

const OPTIONS = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };
const BLOCKS = 3;
const SIZE = BLOCKS * DECAY_BLOCK;
/** Which blocks decay. */
const DECAYS = Float32Array.of(1, 0, 1);
const STEPS = 5;

const rate = (step: number): number => 1e-2 * (1 + step);

/** The scalars of a step, computed on the host in double precision. */
function scalars(step: number, { beta1, beta2 } = OPTIONS): Float32Array<ArrayBuffer> {
  return Float32Array.of(rate(step), 1 / (1 - beta1 ** (step + 1)), 1 / (1 - beta2 ** (step + 1)));
}

function record(options = OPTIONS) {
  const graph = new Graph();
  const page = (name: string) => graph.persistent(name, [SIZE], "state");
  const tensors = {
    scalars: graph.input("scalars", [3]),
    factor: graph.input("factor", [1]),
    decays: graph.constant("decays", [BLOCKS], DECAYS),
    gradient: graph.input("gradient", [SIZE]),
    parameter: graph.persistent("parameter", [SIZE], "parameter"),
    first: page("first"),
    second: page("second"),
  };
  adamw(tensors, options);
  return { graph, tensors };
}

interface Taken {
  /** The parameters after every step. */
  readonly parameters: Float32Array[];
  /** The running mean of squares after the last. */
  readonly second: Float32Array;
}

/** Takes steps with a seeded gradient each. */
async function take(on: Device, options = OPTIONS): Promise<Taken> {
  const { graph, tensors } = record(options);
  using store = await on.createStore([tensors.parameter, tensors.first, tensors.second]);
  store.write("parameter", normals("parameter", SIZE));
  using program = await on.compile(plan(graph), [store]);
  const parameters: Float32Array[] = [];
  for (let step = 0; step < STEPS; step++) {
    const gradient = normals(`gradient ${step}`, SIZE);
    program.run({ scalars: scalars(step, options), factor: Float32Array.of(0.5), gradient });
    parameters.push(await store.read("parameter"));
  }
  return { parameters, second: await store.read("second") };
}

async function run(options = OPTIONS): Promise<Float32Array[]> {
  return (await take(device, options)).parameters;
}

/** The same in double precision: algorithm 2 of Loshchilov and Hutter. */
function exact({ beta1, beta2, epsilon, weightDecay } = OPTIONS) {
  const parameters: Float64Array[] = [];
  const p = Float64Array.from(normals("parameter", SIZE)), m = new Float64Array(SIZE), v = new Float64Array(SIZE);
  for (let step = 0; step < STEPS; step++) {
    normals(`gradient ${step}`, SIZE).forEach((gradient, i) => {
      const g = 0.5 * gradient;
      m[i] = beta1 * m[i]! + (1 - beta1) * g;
      v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
      const update = m[i]! / (1 - beta1 ** (step + 1)) / (Math.sqrt(v[i]! / (1 - beta2 ** (step + 1))) + epsilon);
      p[i]! -= rate(step) * (update + weightDecay * DECAYS[Math.floor(i / DECAY_BLOCK)]! * p[i]!);
    });
    parameters.push(p.slice());
  }
  return { parameters, second: v };
}

Deno.test("adamw() follows algorithm 2 of Loshchilov and Hutter in double precision, block by block", async () => {
  const [found, { parameters }] = [await run(), exact()];
  parameters.forEach((expected, step) => assertClose(found[step]!, expected, `step ${step}`, 1e-6));
});

for (const on of [device, cpu]) {
  Deno.test(`adamw() follows it too with a beta2 so near 1 that 32-bit floats lose 1 - beta2 (${on.kind})`, async () => {
    for (const beta2 of [0.99999, 0.9999999, 0.99999998]) {
      const options = { ...OPTIONS, beta2, epsilon: 1e-12 };
      const [found, expected] = [await take(on, options), exact(options)];
      assertClose(found.second, expected.second, `second mean at ${beta2}`, 1e-6);
      expected.parameters.forEach((p, step) =>
        assertClose(found.parameters[step]!, p, `step ${step} at ${beta2}`, 1e-6)
      );
    }
  });
}

Deno.test("adamw() without decay equals TensorFlow.js's Adam", async () => {
  const options = { ...OPTIONS, weightDecay: 0, epsilon: 1e-6 };
  const found = await run(options);
  const parameter = tf.variable(tf.tensor1d(normals("parameter", SIZE)), true, "parameter");
  const optimizer = tf.train.adam(1, options.beta1, options.beta2, options.epsilon);
  for (let step = 0; step < STEPS; step++) {
    Object.assign(optimizer, { learningRate: rate(step) });
    optimizer.applyGradients({ parameter: tf.tensor1d(normals(`gradient ${step}`, SIZE)).mul(0.5) });
    assertClose(found[step]!, parameter.dataSync(), `step ${step}`, 2e-5);
  }
});

Deno.test("adamw() has the same bytes in every run", async () => {
  assertEquals(await run(), await run());
});

Deno.test("adamw() refuses pages of different sizes, and pages whose blocks have no decay flag each", () => {
  const { graph, tensors } = record();
  const short = graph.persistent("short", [DECAY_BLOCK], "state");
  assertThrows(
    () => adamw({ ...tensors, second: short }, OPTIONS),
    RangeError,
    "must have 192 values, found 64 and 192",
  );
  const decays = graph.constant("too few", [1], Float32Array.of(1));
  assertThrows(() => adamw({ ...tensors, decays }, OPTIONS), RangeError, "must have 64 values, found 192");
});
