// y = (x - mean) * rstd * gain + bias, row by row. The variance is computed from differences to the mean in a pass of
// its own: sums of squares lose half the digits where the mean is large.
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

fn join(a: vec2f, b: vec2f) -> vec2f {
  return a + b;
}

@compute @workgroup_size(SIZE)
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let row = row_of(id.x + id.y * groups.x, index);
  if (row >= shape.rows) {
    return;
  }
  let first = row * shape.width;
  let values = f32(shape.width * LANES);
  var sum = Vec();
  for (var c = column_of(index); c < shape.width; c += STEP) {
    sum += x[first + c];
  }
  let centre = reduced(vec2f(total(sum), 0.0), index).x / values;
  var squares = Vec();
  for (var c = column_of(index); c < shape.width; c += STEP) {
    let difference = x[first + c] - Vec(centre);
    squares = fma(difference, difference, squares);
  }
  let variance = reduced(vec2f(total(squares), 0.0), index).x / values;
  let scale = 1.0 / sqrt(variance + shape.epsilon);
  for (var c = column_of(index); c < shape.width; c += STEP) {
    y[first + c] = fma((x[first + c] - Vec(centre)) * scale, gain[c], bias[c]);
  }
  if (column_of(index) == 0u) {
    mean[row] = centre;
    rstd[row] = scale;
  }
}
