// out[r, c] = x[rows[r], columns[c]], or with SCATTER out[rows[r], columns[c]] += x[r, c]. Without an index list a
// dimension is taken whole. Scattered indices are unique, so that every element has one writer. A larger matrix that
// exceeds a binding is bound part by part; each launch moves only the rows that lie in its part. Elements are moved as
// bits, since they may be whole numbers, which as floats may not survive.
struct Shape {
  rows: u32, // of the smaller matrix
  columns: u32,
  stride: u32, // columns of the larger matrix
  pick_rows: u32,
  pick_columns: u32,
  first: u32, // first row of the larger matrix that is bound
  bound: u32, // rows of it that are bound
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read> columns: array<u32>;
@group(0) @binding(4) var<storage, read_write> out: array<u32>;

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * SIZE;
  if (i >= shape.rows * shape.columns) {
    return;
  }
  var row = i / shape.columns;
  var column = i % shape.columns;
  if (shape.pick_rows == 1u) {
    row = rows[row] - shape.first;
  }
  if (shape.pick_columns == 1u) {
    column = columns[column];
  }
  if (row >= shape.bound) {
    return;
  }
  let far = row * shape.stride + column;
  if (SCATTER) {
    out[far] = bitcast<u32>(bitcast<f32>(out[far]) + bitcast<f32>(x[i]));
  } else {
    out[i] = x[far];
  }
}
