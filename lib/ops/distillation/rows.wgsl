// The losses of each row of student's and teacher's logits, and with `gradient` the student's replaced by the gradient
// of scale (alpha cross-entropy + beta T^2 divergence). p is the teacher's distribution at temperature T, q the
// student's, r = log p - log q. Rows whose target is IGNORED have neither losses nor gradient.
struct Shape {
  rows: u32,
  width: u32, // vocabulary, in Vec
  gradient: u32,
  mixed: u32,
  forward: f32,
  reverse: f32,
  scale: f32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read> coefficients: array<f32>; // alpha, beta, temperature
@group(0) @binding(3) var<storage, read_write> student: array<Vec>;
@group(0) @binding(4) var<storage, read> teacher: array<Vec>;
@group(0) @binding(5) var<storage, read_write> losses: array<f32>;
@group(0) @binding(6) var<storage, read_write> entropies: array<f32>;
@group(0) @binding(7) var<storage, read_write> divergences: array<f32>;

// log(p/m) and log(q/m) for m = forward p + reverse q, without an exponential that can overflow.
struct Ratios {
  teacher: Vec,
  student: Vec,
}
fn against_mixture(r: Vec) -> Ratios {
  let small = exp(-abs(r));
  let teacher_larger = r > Vec(0.0);
  let first = select(Vec(shape.reverse), Vec(shape.forward), teacher_larger);
  let smaller = -log(first + (Vec(1.0) - first) * small);
  return Ratios(select(r + smaller, smaller, teacher_larger), select(smaller, smaller - r, teacher_larger));
}

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
  let cool = 1.0 / coefficients[2];
  var tops = Vec(LOWEST);
  var teacher_tops = Vec(LOWEST);
  for (var c = column_of(index); c < shape.width; c += STEP) {
    tops = max(tops, student[first + c]);
    teacher_tops = max(teacher_tops, teacher[first + c]);
  }
  let top = largest(tops);
  let teacher_top = largest(teacher_tops);
  var sums = Vec();
  var cool_sums = Vec();
  var teacher_sums = Vec();
  for (var c = column_of(index); c < shape.width; c += STEP) {
    let below = student[first + c] - Vec(top);
    sums += exp(below);
    cool_sums += exp(cool * below);
    teacher_sums += exp(cool * (teacher[first + c] - Vec(teacher_top)));
  }
  let plain = reduced(vec2f(top, total(sums)), index);
  let cooled = reduced(vec2f(cool * top, total(cool_sums)), index);
  let taught = reduced(vec2f(cool * teacher_top, total(teacher_sums)), index);
  let normaliser = plain.x + log(plain.y);
  let q_normaliser = cooled.x + log(cooled.y);
  let p_normaliser = taught.x + log(taught.y);

  var forwards = Vec();
  var reverses = Vec();
  for (var c = column_of(index); c < shape.width; c += STEP) {
    let log_p = cool * teacher[first + c] - Vec(p_normaliser);
    let log_q = cool * student[first + c] - Vec(q_normaliser);
    var ratios = Ratios(log_p - log_q, log_q - log_p);
    if (shape.mixed == 1u) {
      ratios = against_mixture(ratios.teacher);
    }
    forwards += exp(log_p) * ratios.teacher;
    reverses += exp(log_q) * ratios.student;
  }
  let forward = reduced(vec2f(0.0, total(forwards)), index).y;
  let reverse = reduced(vec2f(0.0, total(reverses)), index).y;

  let alpha = coefficients[0];
  let beta = coefficients[1];
  let target_token = targets[row];
  let ignored = target_token == IGNORED;
  let at = target_token / LANES;
  if (column_of(index) == at % STEP) { // who overwrites the target's logit below reads it first
    let entropy = select(normaliser - lane(student[first + at], target_token % LANES), 0.0, ignored);
    let divergence = select(shape.forward * forward + shape.reverse * reverse, 0.0, ignored);
    entropies[row] = entropy;
    divergences[row] = divergence;
    losses[row] = alpha * entropy + beta / (cool * cool) * divergence;
  }
  if (shape.gradient == 1u) {
    let hard = select(shape.scale * alpha, 0.0, ignored);
    let soft = select(shape.scale * beta / cool, 0.0, ignored);
    for (var c = column_of(index); c < shape.width; c += STEP) {
      let z = student[first + c];
      let log_p = cool * teacher[first + c] - Vec(p_normaliser);
      let log_q = cool * z - Vec(q_normaliser);
      let q = exp(log_q);
      var slope: Vec;
      if (shape.mixed == 1u) {
        slope = shape.reverse * q * (against_mixture(log_p - log_q).student - Vec(reverse));
      } else {
        slope = shape.forward * (q - exp(log_p)) + shape.reverse * q * (log_q - log_p - Vec(reverse));
      }
      var s = exp(z - Vec(normaliser));
      if (c == at) {
        s -= one_hot(target_token % LANES);
      }
      student[first + c] = hard * s + soft * slope;
    }
  }
}
