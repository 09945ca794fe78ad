import { assertEquals, assertRejects } from "@std/assert";
import {
  accumulate,
  defineOp,
  differentiate,
  type Dispatch,
  float,
  Graph,
  grid,
  type Op,
  openDevice,
  plan,
  type Tensor,
  whole,
} from "../../mod.ts";

const SIZE = 64;
const source = `
struct Shape { count: u32, factor: f32 }
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * SIZE;
  if (i < shape.count) { y[i] = shape.factor * x[i]; }
}`;

interface Attributes {
  readonly factor: number;
}

/** An op as somebody writes it who has the public names alone. */
const scaled: Op<Attributes, [x: Tensor], [y: Tensor]> = defineOp<Attributes, [x: Tensor], [y: Tensor]>({
  name: "scaled",
  infer: ([x]) => [{ shape: x.shape }],
  gradient: ({ upstream: [dy], attributes }) => [
    (sum) => accumulate(sum, dy.graph.apply(scaled, [dy], attributes)[0]),
  ],
  cost: ({ inputs: [x] }) => ({ flops: x.size, bytes: 8 * x.size }),
  webgpu: ({ inputs: [x], outputs: [y], attributes: { factor } }): Dispatch[] => [{
    kernel: { name: "scaled", source },
    constants: { SIZE },
    bindings: [whole(x), whole(y)],
    uniforms: [x.size, float(factor)],
    groups: grid(x.size, SIZE),
  }],
});

function recorded() {
  const graph = new Graph();
  const values = Float32Array.from({ length: 133 }, (_, i) => i - 66);
  const x = graph.constant("x", [7, 19], values);
  const [once] = graph.apply(scaled, [x], { factor: 2.5 });
  const [twice] = graph.apply(scaled, [once], { factor: -2 });
  const gradient = differentiate(graph, { of: twice, wrt: [x], upstream: x }).get(x)!;
  [twice, gradient].forEach((tensor) => graph.output(tensor));
  return { graph, values, twice, gradient };
}

Deno.test("an op that is written with the public names computes, and has a gradient", async () => {
  using device = await openDevice("webgpu");
  const { graph, values, twice, gradient } = recorded();
  using program = await device.compile(plan(graph));
  program.run();
  assertEquals([...await program.read(twice)], [...values].map((value) => -5 * value));
  assertEquals([...await program.read(gradient)], [...values].map((value) => -5 * value));
});

Deno.test("an op without kernels for a device is refused there by its name", async () => {
  using device = await openDevice("cpu", { threads: 1 });
  await assertRejects(
    () => device.compile(plan(recorded().graph)),
    TypeError,
    "Cannot compile 'scaled': an op must have kernels for 'cpu', found none",
  );
});
