// Sorts the entries that were found of each row: an invocation an entry counts those that come before it.
struct Shape {
  entries: u32, // of all rows
  k: u32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> found_ids: array<u32>;
@group(0) @binding(2) var<storage, read> found: array<f32>;
@group(0) @binding(3) var<storage, read_write> ids: array<u32>;
@group(0) @binding(4) var<storage, read_write> masses: array<f32>;

@compute @workgroup_size(SIZE)
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let at = (id.x + id.y * groups.x) * SIZE + index;
  if (at >= shape.entries) {
    return;
  }
  let row = at / shape.k;
  let first = row * shape.k;
  let value = found[at];
  let own = key_of(value);
  // Equal ones were found in the order of their ids. Keys of NaN have an order too: no two entries share a place.
  var before = 0u;
  for (var i = first; i < first + shape.k; i++) {
    let other = key_of(found[i]);
    if (other > own || (other == own && i < at)) {
      before += 1u;
    }
  }
  ids[first + before] = found_ids[at];
  masses[first + row + before] = value;
}
