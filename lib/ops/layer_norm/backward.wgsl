// dx = rstd * (g - mean(g) - xhat * mean(g * xhat)) + residual, row by row, with g = dy * gain and
// xhat = (x - mean) * rstd.
struct Shape {
  rows: u32,
  width: u32, // in Vec
  residual: u32, // 1 to add the residual
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<Vec>;
@group(0) @binding(2) var<storage, read> gain: array<Vec>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> rstd: array<f32>;
@group(0) @binding(5) var<storage, read> dy: array<Vec>;
@group(0) @binding(6) var<storage, read> residual: array<Vec>;
@group(0) @binding(7) var<storage, read_write> dx: array<Vec>;

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
  let centre = mean[row];
  let scale = rstd[row];
  var sum = Vec();
  var along = Vec();
  for (var c = column_of(index); c < shape.width; c += STEP) {
    let g = dy[first + c] * gain[c];
    sum += g;
    along = fma(g, (x[first + c] - Vec(centre)) * scale, along);
  }
  let means = reduced(vec2f(total(sum), total(along)), index) / f32(shape.width * LANES);
  for (var c = column_of(index); c < shape.width; c += STEP) {
    let hat = (x[first + c] - Vec(centre)) * scale;
    var result = scale * (dy[first + c] * gain[c] - Vec(means.x) - hat * means.y);
    if (shape.residual == 1u) {
      result += residual[first + c];
    }
    dx[first + c] = result;
  }
}
