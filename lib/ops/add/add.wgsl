// out = y + alpha x, or in place out = out + alpha x. In place, lanes past the last value keep what they hold: out may
// be a part of a page, and all of a page counts in its norm.
struct Shape {
  count: u32, // f32 values
  alpha: f32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * SIZE;
  let first = 4u * i;
  if (first >= shape.count) {
    return;
  }
  if (IN_PLACE) {
    let inside = vec4u(first) + vec4u(0u, 1u, 2u, 3u) < vec4u(shape.count);
    out[i] = select(out[i], fma(vec4f(shape.alpha), x[i], out[i]), inside);
  } else {
    out[i] = fma(vec4f(shape.alpha), x[i], y[i]);
  }
}
