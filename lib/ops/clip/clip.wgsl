// norm = sqrt(squares); factor = min(1, maximum / norm), or 1 where clipping is off.
struct Shape {
  maximum: f32, // 0 turns clipping off
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> squares: array<f32>;
@group(0) @binding(2) var<storage, read_write> norm: array<f32>;
@group(0) @binding(3) var<storage, read_write> factor: array<f32>;

@compute @workgroup_size(1)
fn main() {
  let length = sqrt(squares[0]);
  norm[0] = length;
  factor[0] = select(1.0, shape.maximum / length, shape.maximum > 0.0 && length > shape.maximum);
}
