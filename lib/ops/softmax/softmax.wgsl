// The softmax of each row times `cool`.
struct Shape {
  rows: u32,
  width: u32, // in Vec
  cool: f32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> logits: array<Vec>;
@group(0) @binding(2) var<storage, read_write> probabilities: array<Vec>;

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
  var tops = Vec(LOWEST);
  for (var c = column_of(index); c < shape.width; c += STEP) {
    tops = max(tops, logits[first + c]);
  }
  let top = largest(tops);
  var sums = Vec();
  for (var c = column_of(index); c < shape.width; c += STEP) {
    sums += exp(shape.cool * (logits[first + c] - Vec(top)));
  }
  let exponentials = reduced(vec2f(shape.cool * top, total(sums)), index);
  for (var c = column_of(index); c < shape.width; c += STEP) {
    probabilities[first + c] = exp(shape.cool * logits[first + c] - Vec(exponentials.x)) / exponentials.y;
  }
}
