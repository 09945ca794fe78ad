// y = gelu(x), or with GRADIENT y = dy * gelu'(x). ERF chooses the exact form, x Phi(x); else the tanh form.
struct Shape {
  count: u32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * SIZE;
  if (i >= shape.count) {
    return;
  }
  if (GRADIENT) {
    y[i] = dy[i] * gelu_slope(x[i]);
  } else {
    y[i] = gelu(x[i]);
  }
}
