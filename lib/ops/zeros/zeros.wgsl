// Fills whole vectors: what lies past the last value belongs to the same slot and is padding.
struct Shape {
  count: u32, // in vec4f
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * SIZE;
  if (i < shape.count) {
    out[i] = vec4f();
  }
}
