// A column of a strip for each invocation, for software adapters. Lanes lie along the columns, so that mean and rstd have
// one address for all of them.
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
  store(strip, column, sum);
}
