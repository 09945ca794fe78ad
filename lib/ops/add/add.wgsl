// out = y + alpha x, or in place out = out + alpha x.
struct Shape {
  count: u32,
  alpha: f32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * SIZE;
  if (i >= shape.count) {
    return;
  }
  if (IN_PLACE) {
    out[i] = fma(vec4f(shape.alpha), x[i], out[i]);
  } else {
    out[i] = fma(vec4f(shape.alpha), x[i], y[i]);
  }
}
