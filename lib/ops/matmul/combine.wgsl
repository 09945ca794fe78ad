// C = the sums over parts of k, added up in order, plus the residual or what C holds already.
const RESIDUAL = 2u;
const ACCUMULATE = 4u;

struct Shape {
  parts: u32,
  size: u32, // of C, in Vec
  flags: u32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> partial: array<Vec>;
@group(0) @binding(2) var<storage, read> residual: array<Vec>;
@group(0) @binding(3) var<storage, read_write> c: array<Vec>;

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * SIZE;
  if (i >= shape.size) {
    return;
  }
  var sum = partial[i];
  for (var part = 1u; part < shape.parts; part++) {
    sum += partial[part * shape.size + i];
  }
  if ((shape.flags & RESIDUAL) != 0u) {
    sum += residual[i];
  }
  if ((shape.flags & ACCUMULATE) != 0u) {
    sum += c[i];
  }
  c[i] = sum;
}
