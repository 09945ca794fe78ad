// Sums the strips' partial rows in order, on top of what `out` holds if ACCUMULATE.
struct Shape {
  strips: u32,
  width: u32, // in Vec
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> partial: array<Vec>;
@group(0) @binding(2) var<storage, read_write> out: array<Vec>;

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x;
  if (column >= shape.width) {
    return;
  }
  var sum = Vec();
  for (var strip = 0u; strip < shape.strips; strip++) {
    sum += partial[strip * shape.width + column];
  }
  if (ACCUMULATE) {
    sum += out[column];
  }
  out[column] = sum;
}
