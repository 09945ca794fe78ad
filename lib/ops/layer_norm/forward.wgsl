// y = (x - mean) * rstd * gain + bias, one invocation a row. The variance is computed from differences to the mean in a
// pass of its own: sums of squares lose half the digits where the mean is large.
struct Shape {
  rows: u32,
  width: u32, // in Vec
  epsilon: f32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<Vec>;
@group(0) @binding(2) var<storage, read> gain: array<Vec>;
@group(0) @binding(3) var<storage, read> bias: array<Vec>;
@group(0) @binding(4) var<storage, read_write> y: array<Vec>;
@group(0) @binding(5) var<storage, read_write> mean: array<f32>;
@group(0) @binding(6) var<storage, read_write> rstd: array<f32>;

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = id.x + id.y * groups.x * SIZE;
  if (row >= shape.rows) {
    return;
  }
  let first = row * shape.width;
  let values = f32(shape.width * LANES);
  var sum = Vec();
  for (var c = 0u; c < shape.width; c++) {
    sum += x[first + c];
  }
  let centre = total(sum) / values;
  var squares = Vec();
  for (var c = 0u; c < shape.width; c++) {
    let difference = x[first + c] - Vec(centre);
    squares = fma(difference, difference, squares);
  }
  let scale = 1.0 / sqrt(total(squares) / values + shape.epsilon);
  for (var c = 0u; c < shape.width; c++) {
    y[first + c] = fma((x[first + c] - Vec(centre)) * scale, gain[c], bias[c]);
  }
  mean[row] = centre;
  rstd[row] = scale;
}
