// The scaled sum of the partial sums, in order, on top of what `out` holds if ACCUMULATE.
struct Shape {
  count: u32,
  scale: f32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> partial: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(1)
fn main() {
  var sum = 0.0;
  for (var i = 0u; i < shape.count; i++) {
    sum += partial[i];
  }
  sum *= shape.scale;
  if (ACCUMULATE) {
    sum += out[0];
  }
  out[0] = sum;
}
