// Sums the values in parts, squared with SQUARED: a row of `reduced` is a part, which takes every `parts`-th run of STEP
// vectors. Neighbouring invocations read neighbouring vectors, and four of them before they wait for any.
struct Shape {
  count: u32, // f32 values
  parts: u32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partial: array<f32>;

fn join(a: vec2f, b: vec2f) -> vec2f {
  return a + b;
}

fn term(value: vec4f) -> vec4f {
  if (SQUARED) {
    return value * value;
  }
  return value;
}

@compute @workgroup_size(SIZE)
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let part = row_of(id.x + id.y * groups.x, index);
  if (part >= shape.parts) {
    return;
  }
  let vectors = shape.count / 4u;
  let step = shape.parts * STEP;
  let first = part * STEP + column_of(index);
  var sum = vec4f();
  var i = first;
  for (; i + 3u * step < vectors; i += 4u * step) {
    let a = x[i];
    let b = x[i + step];
    let c = x[i + 2u * step];
    let d = x[i + 3u * step];
    sum += (term(a) + term(b)) + (term(c) + term(d));
  }
  for (; i < vectors; i += step) {
    sum += term(x[i]);
  }
  let rest = shape.count % 4u;
  if (rest != 0u && first == vectors % step) {
    // What lies past the last value may be anything, even NaN.
    sum += term(select(vec4f(), x[vectors], vec4u(0u, 1u, 2u, 3u) < vec4u(rest)));
  }
  let all = reduced(vec2f((sum.x + sum.y) + (sum.z + sum.w), 0.0), index).x;
  if (column_of(index) == 0u) {
    partial[part] = all;
  }
}
