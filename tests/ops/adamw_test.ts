import { assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { plan } from "../../lib/graph/plan.ts";
import { adamw, DECAY_BLOCK } from "../../lib/ops/adamw/mod.ts";
import { assertClose, normals, tf } from "./harness.ts";

const device = await openDevice("webgpu");

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

/** Takes steps with a seeded gradient each, and returns the parameters after every one of them. */
async function run(options = OPTIONS): Promise<Float32Array[]> {
  const { graph, tensors } = record(options);
  using store = await device.createStore([tensors.parameter, tensors.first, tensors.second]);
  store.write("parameter", normals("parameter", SIZE));
  using program = await device.compile(plan(graph), [store]);
  const found: Float32Array[] = [];
  for (let step = 0; step < STEPS; step++) {
    const gradient = normals(`gradient ${step}`, SIZE);
    program.run({ scalars: scalars(step, options), factor: Float32Array.of(0.5), gradient });
    found.push(await store.read("parameter"));
  }
  return found;
}

Deno.test("adamw() follows algorithm 2 of Loshchilov and Hutter in double precision, block by block", async () => {
  const found = await run();
  const { beta1, beta2, epsilon, weightDecay } = OPTIONS;
  const p = Float64Array.from(normals("parameter", SIZE)), m = new Float64Array(SIZE), v = new Float64Array(SIZE);
  for (let step = 0; step < STEPS; step++) {
    normals(`gradient ${step}`, SIZE).forEach((gradient, i) => {
      const g = 0.5 * gradient;
      m[i] = beta1 * m[i]! + (1 - beta1) * g;
      v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
      const update = m[i]! / (1 - beta1 ** (step + 1)) / (Math.sqrt(v[i]! / (1 - beta2 ** (step + 1))) + epsilon);
      p[i]! -= rate(step) * (update + weightDecay * DECAYS[Math.floor(i / DECAY_BLOCK)]! * p[i]!);
    });
    assertClose(found[step]!, p, `step ${step}`, 1e-6);
  }
});

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
