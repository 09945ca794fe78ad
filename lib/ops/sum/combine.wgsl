// The scaled sum of the partial sums, a single row, on top of what `out` holds if ACCUMULATE.
struct Shape {
  count: u32, // in Vec
  scale: f32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> partial: array<Vec>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

fn join(a: vec2f, b: vec2f) -> vec2f {
  return a + b;
}

@compute @workgroup_size(SIZE)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) index: u32) {
  if (row_of(id.x, index) > 0u) {
    return;
  }
  var sums = Vec();
  for (var i = column_of(index); i < shape.count; i += STEP) {
    sums += partial[i];
  }
  var sum = reduced(vec2f(total(sums), 0.0), index).x * shape.scale;
  if (column_of(index) == 0u) {
    if (ACCUMULATE) {
      sum += out[0];
    }
    out[0] = sum;
  }
}
