// The K largest values of each row in the order of their ids, those equal to the least of them last, and the sum of the
// others. A row for each workgroup of SIZE invocations, for hardware: a radix select finds the K-th largest key, a digit
// a turn from the highest on, and the invocations then own neighbouring parts of the row. Counts are whole numbers, so
// that the order in which they are counted does not matter.
struct Shape {
  rows: u32,
  width: u32,
  k: u32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> found_ids: array<u32>;
@group(0) @binding(3) var<storage, read_write> found: array<f32>;
@group(0) @binding(4) var<storage, read_write> masses: array<f32>;

// SIZE is the number of digits: an invocation owns one.
var<workgroup> counts: array<atomic<u32>, SIZE>;
var<workgroup> digit: u32;
var<workgroup> above_digit: u32;
var<workgroup> tallies: array<vec2u, SIZE>;
var<workgroup> sums: array<f32, SIZE>;

@compute @workgroup_size(SIZE)
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let row = id.x + id.y * groups.x;
  if (row >= shape.rows) {
    return;
  }
  let start = row * shape.width;

  var least = 0u; // the digits so far of the K-th largest key
  var wanted = shape.k; // of the keys that begin with them
  for (var turn = 0u; turn < 4u; turn++) {
    let shift = 24u - 8u * turn;
    atomicStore(&counts[index], 0u);
    workgroupBarrier();
    for (var c = index; c < shape.width; c += SIZE) {
      let begin = key_of(values[start + c]) >> shift;
      if ((begin >> 8u) == least) {
        atomicAdd(&counts[begin & 255u], 1u);
      }
    }
    workgroupBarrier();
    var above = 0u;
    for (var d = index + 1u; d < SIZE; d++) {
      above += atomicLoad(&counts[d]);
    }
    if (above < wanted && above + atomicLoad(&counts[index]) >= wanted) { // of one invocation alone
      digit = index;
      above_digit = above;
    }
    workgroupBarrier();
    least = (least << 8u) | digit;
    wanted -= above_digit;
    workgroupBarrier();
  }

  let part = (shape.width + SIZE - 1u) / SIZE;
  let begin = min(index * part, shape.width);
  let end = min(begin + part, shape.width);
  var own = vec2u(); // keys above the least, and equal to it
  for (var c = begin; c < end; c++) {
    let key = key_of(values[start + c]);
    own += vec2u(select(0u, 1u, key > least), select(0u, 1u, key == least));
  }
  tallies[index] = own;
  workgroupBarrier();
  var place = vec2u(0u, shape.k - wanted);
  for (var i = 0u; i < index; i++) {
    place += tallies[i];
  }
  var rest = 0.0;
  for (var c = begin; c < end; c++) {
    let value = values[start + c];
    let key = key_of(value);
    var to = shape.k;
    if (key > least) {
      to = place.x;
      place.x += 1u;
    } else if (key == least) {
      to = place.y;
      place.y += 1u;
    }
    if (to < shape.k) {
      found_ids[row * shape.k + to] = c;
      found[row * shape.k + to] = value;
    } else {
      rest += value;
    }
  }

  sums[index] = rest;
  for (var reach = SIZE / 2u; reach > 0u; reach /= 2u) {
    workgroupBarrier();
    if (index < reach) {
      sums[index] += sums[index + reach];
    }
  }
  if (index == 0u) {
    masses[row * (shape.k + 1u) + shape.k] = sums[0];
  }
}
