// COLUMNS columns of a strip for each workgroup, for hardware. Each invocation sums every ROWS-th row, and their sums are
// joined in a tree of fixed shape.
var<workgroup> tree: array<Vec, COLUMNS * ROWS>;

// Rows past the last one are read as the last and count as nothing, so that no load waits for a branch.
fn term(row: u32, last: u32, column: u32) -> Vec {
  let valid = min(row, last - 1u);
  let i = valid * shape.width + column;
  var value = dy[i];
  if (NORMALISED) {
    value *= (x[i] - Vec(mean[valid])) * rstd[valid];
  }
  return select(Vec(), value, row < last);
}

@compute @workgroup_size(COLUMNS, ROWS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(global_invocation_id) id: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let strip = group.y;
  let first = strip * shape.strip;
  let last = min(first + shape.strip, shape.rows);
  let column = min(id.x, shape.width - 1u); // those past the last column have to meet the others at the barriers
  var sum = Vec();
  for (var row = first + local.y; row < last; row += TURNS * ROWS) {
    for (var turn = 0u; turn < TURNS; turn++) {
      sum += term(row + turn * ROWS, last, column);
    }
  }
  tree[index] = sum;
  for (var reach = ROWS / 2u; reach > 0u; reach /= 2u) {
    workgroupBarrier();
    if (local.y < reach) {
      tree[index] += tree[index + reach * COLUMNS];
    }
  }
  if (local.y == 0u && id.x < shape.width) {
    store(strip, column, tree[index]);
  }
}
