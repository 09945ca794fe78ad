// The K largest values of each row, the largest first and of equals the one with the smaller id, and the sum of the
// others. A row for each invocation: no barriers and no workgroup memory, for software adapters.
struct Shape {
  rows: u32,
  width: u32,
  k: u32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> ids: array<u32>;
@group(0) @binding(3) var<storage, read_write> masses: array<f32>;

@compute @workgroup_size(SIZE)
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let row = (id.x + id.y * groups.x) * SIZE + index;
  if (row >= shape.rows) {
    return;
  }
  let start = row * shape.width;
  let k = shape.k;
  let id_row = row * k;
  let mass_row = row * (k + 1u);
  var count = 0u;
  var least = 0.0;
  var rest = 0.0;
  for (var c = 0u; c < shape.width; c++) {
    let value = values[start + c];
    if (count == k && !(value > least)) {
      rest += value;
      continue;
    }
    // It goes where it belongs among the largest so far; of k of them the least falls out.
    var i = count;
    if (count == k) {
      rest += least;
      i = k - 1u;
    } else {
      count += 1u;
    }
    while (i > 0u) {
      let above = masses[mass_row + i - 1u];
      if (!(above < value)) {
        break;
      }
      masses[mass_row + i] = above;
      ids[id_row + i] = ids[id_row + i - 1u];
      i -= 1u;
    }
    masses[mass_row + i] = value;
    ids[id_row + i] = c;
    if (count == k) {
      least = masses[mass_row + k - 1u];
    }
  }
  masses[mass_row + k] = rest;
}
