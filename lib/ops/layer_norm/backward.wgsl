// dx = rstd * (g - mean(g) - xhat * mean(g * xhat)) + residual, with g = dy * gain and xhat = (x - mean) * rstd; one
// invocation a row.
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

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = id.x + id.y * groups.x * SIZE;
  if (row >= shape.rows) {
    return;
  }
  let first = row * shape.width;
  let values = f32(shape.width * LANES);
  let centre = mean[row];
  let scale = rstd[row];
  var sum = Vec();
  var along = Vec();
  for (var c = 0u; c < shape.width; c++) {
    let g = dy[first + c] * gain[c];
    sum += g;
    along = fma(g, (x[first + c] - Vec(centre)) * scale, along);
  }
  let mean_g = total(sum) / values;
  let mean_along = total(along) / values;
  for (var c = 0u; c < shape.width; c++) {
    let hat = (x[first + c] - Vec(centre)) * scale;
    var result = scale * (dy[first + c] * gain[c] - Vec(mean_g) - hat * mean_along);
    if (shape.residual == 1u) {
      result += residual[first + c];
    }
    dx[first + c] = result;
  }
}
