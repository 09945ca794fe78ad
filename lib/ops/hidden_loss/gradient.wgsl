// dx = upstream * slopes.x * (student - target) + residual, or with COSINE upstream * (slopes.x * student + slopes.y *
// target) + residual, with two slopes for each row.
struct Shape {
  count: u32, // in Vec
  width: u32, // in Vec
  residual: u32, // 1 to add the residual
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> student: array<Vec>;
@group(0) @binding(2) var<storage, read> wanted: array<Vec>;
@group(0) @binding(3) var<storage, read> slopes: array<vec2f>;
@group(0) @binding(4) var<storage, read> upstream: array<f32>;
@group(0) @binding(5) var<storage, read> residual: array<Vec>;
@group(0) @binding(6) var<storage, read_write> dx: array<Vec>;

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * SIZE;
  if (i >= shape.count) {
    return;
  }
  let slope = upstream[0] * slopes[i / shape.width];
  let t = wanted[i];
  var result: Vec;
  if (COSINE) {
    result = slope.x * student[i] + slope.y * t;
  } else {
    result = slope.x * (student[i] - t);
  }
  if (shape.residual == 1u) {
    result += residual[i];
  }
  dx[i] = result;
}
