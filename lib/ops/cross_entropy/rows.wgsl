// The loss of each row of logits, log-sum-exp minus the target's logit, and with `gradient` the logits replaced by
// (softmax - one-hot) * scale. Rows whose target is IGNORED have neither loss nor gradient.
struct Shape {
  rows: u32,
  width: u32, // vocabulary, in Vec
  gradient: u32,
  scale: f32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read_write> logits: array<Vec>;
@group(0) @binding(3) var<storage, read_write> losses: array<f32>;

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
    sums += exp(logits[first + c] - Vec(top));
  }
  let exponentials = reduced(vec2f(top, total(sums)), index);
  let normaliser = exponentials.x + log(exponentials.y);

  let target_token = targets[row];
  let at = target_token / LANES;
  if (column_of(index) == at % STEP) { // who overwrites the target's logit below reads it first
    losses[row] = select(normaliser - lane(logits[first + at], target_token % LANES), 0.0, target_token == IGNORED);
  }
  if (shape.gradient == 1u) {
    let scale = select(shape.scale, 0.0, target_token == IGNORED);
    for (var c = column_of(index); c < shape.width; c += STEP) {
      var p = exp(logits[first + c] - Vec(normaliser));
      if (c == at) {
        p -= one_hot(target_token % LANES);
      }
      logits[first + c] = p * scale;
    }
  }
}
