// One invocation a row of logits: the loss, log-sum-exp minus the target's logit, and with `gradient` the logits
// replaced by (softmax - one-hot) * scale. Rows whose target is IGNORED have neither loss nor gradient.
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

const IGNORED = 0xffffffffu;

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = id.x + id.y * groups.x * SIZE;
  if (row >= shape.rows) {
    return;
  }
  let first = row * shape.width;
  let target_token = targets[row];
  let at = target_token / LANES;
  var top = logits[first];
  for (var c = 1u; c < shape.width; c++) {
    top = max(top, logits[first + c]);
  }
  let highest = largest(top);
  var sum = Vec();
  for (var c = 0u; c < shape.width; c++) {
    sum += exp(logits[first + c] - Vec(highest));
  }
  let normaliser = highest + log(total(sum));
  if (target_token == IGNORED) {
    losses[row] = 0.0;
  } else {
    losses[row] = normaliser - lane(logits[first + at], target_token % LANES);
  }
  if (shape.gradient == 1u) {
    let scale = select(shape.scale, 0.0, target_token == IGNORED);
    for (var c = 0u; c < shape.width; c++) {
      var p = exp(logits[first + c] - Vec(normaliser));
      if (c == at) {
        p -= one_hot(target_token % LANES);
      }
      logits[first + c] = p * scale;
    }
  }
}
