// One strip of rows summed column by column; with NORMALISED each value is first multiplied by (x - mean) * rstd.
// Lanes lie along the columns, so that mean and rstd have one address for all of them.
struct Shape {
  rows: u32,
  width: u32, // in Vec
  strip: u32, // rows in a strip
  strips: u32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> dy: array<Vec>;
@group(0) @binding(2) var<storage, read> x: array<Vec>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> rstd: array<f32>;
@group(0) @binding(5) var<storage, read_write> partial: array<Vec>;

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(workgroup_id) group: vec3u) {
  let column = id.x;
  let strip = group.y;
  if (column >= shape.width) {
    return;
  }
  let first = strip * shape.strip;
  let last = min(first + shape.strip, shape.rows);
  var sum = Vec();
  for (var row = first; row < last; row++) {
    let i = row * shape.width + column;
    if (NORMALISED) {
      sum = fma(dy[i], (x[i] - Vec(mean[row])) * rstd[row], sum);
    } else {
      sum += dy[i];
    }
  }
  partial[strip * shape.width + column] = sum;
}
