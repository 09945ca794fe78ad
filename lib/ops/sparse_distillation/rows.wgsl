// The losses of each row of the student's logits against a few of the teacher's probabilities, and with `gradient` the
// logits replaced by the gradient of scale (alpha cross-entropy + beta T^2 divergence). Entries are the tokens whose p is
// not 0; all others are outside, one bucket of mass r. q is the student's distribution at temperature T. Rows whose target
// is IGNORED have neither losses nor gradient. Whoever has an entry's column reads and writes its logit, and nobody else.
struct Shape {
  rows: u32,
  width: u32, // vocabulary, in Vec
  entries: u32,
  gradient: u32,
  scale: f32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read> coefficients: array<f32>; // alpha, beta, temperature
@group(0) @binding(3) var<storage, read_write> student: array<Vec>;
@group(0) @binding(4) var<storage, read> ids: array<u32>;
@group(0) @binding(5) var<storage, read> masses: array<f32>; // of the entries of a row, then of all others
@group(0) @binding(6) var<storage, read_write> kept: array<f32>; // logits of the entries
@group(0) @binding(7) var<storage, read_write> losses: array<f32>;
@group(0) @binding(8) var<storage, read_write> entropies: array<f32>;
@group(0) @binding(9) var<storage, read_write> divergences: array<f32>;

fn in_lane(v: Vec, token: u32, value: f32) -> Vec {
  return select(v, Vec(value), one_hot(token % LANES) > Vec(0.5));
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
  let first_entry = row * shape.entries;
  let first_mass = first_entry + row;
  let cool = 1.0 / coefficients[2];
  let target_token = targets[row];
  let ignored = target_token == IGNORED;
  let at = target_token / LANES;
  let has_target = column_of(index) == at % STEP;
  var wanted = 0.0;
  if (has_target && !ignored) {
    wanted = lane(student[first + at], target_token % LANES);
  }

  // Entries are taken out of the row, so that what is left of it is what lies outside.
  var mass = 0.0;
  var plain_entries = vec2f(LOWEST, 0.0);
  var cool_entries = vec2f(LOWEST, 0.0);
  for (var i = 0u; i < shape.entries; i++) {
    let p = masses[first_mass + i];
    let token = ids[first_entry + i];
    let c = token / LANES;
    mass += p;
    if (p > 0.0 && column_of(index) == c % STEP) {
      let z = lane(student[first + c], token % LANES);
      kept[first_entry + i] = z;
      plain_entries = join(plain_entries, vec2f(z, 1.0));
      cool_entries = join(cool_entries, vec2f(cool * z, 1.0));
      student[first + c] = in_lane(student[first + c], token, LOWEST);
    }
  }
  var tops = Vec(LOWEST);
  for (var c = column_of(index); c < shape.width; c += STEP) {
    tops = max(tops, student[first + c]);
  }
  let top = largest(tops);
  var sums = Vec();
  var cool_sums = Vec();
  for (var c = column_of(index); c < shape.width; c += STEP) {
    let below = student[first + c] - Vec(top);
    sums += exp(below);
    cool_sums += exp(cool * below);
  }
  let cool_outside = vec2f(cool * top, total(cool_sums));
  let plain = reduced(join(vec2f(top, total(sums)), plain_entries), index);
  let cooled = reduced(join(cool_outside, cool_entries), index);
  let outside = reduced(cool_outside, index);
  let normaliser = plain.x + log(plain.y);
  let q_normaliser = cooled.x + log(cooled.y);
  let outside_normaliser = outside.x + log(outside.y);
  // Where every token is an entry, nothing is left for the rest.
  let rest = select(masses[first_mass + shape.entries], 0.0, outside.x < 0.5 * cool * LOWEST);

  var terms = 0.0;
  for (var i = 0u; i < shape.entries; i++) {
    let p = masses[first_mass + i];
    if (p > 0.0 && column_of(index) == (ids[first_entry + i] / LANES) % STEP) {
      terms += p * (log(p) - (cool * kept[first_entry + i] - q_normaliser));
    }
  }
  var divergence = reduced(vec2f(0.0, terms), index).y;
  if (rest > 0.0) {
    divergence += rest * (log(rest) - (outside_normaliser - q_normaliser));
  }

  let alpha = coefficients[0];
  let beta = coefficients[1];
  if (has_target) {
    let entropy = select(normaliser - wanted, 0.0, ignored);
    divergence = select(divergence, 0.0, ignored);
    entropies[row] = entropy;
    divergences[row] = divergence;
    losses[row] = alpha * entropy + beta / (cool * cool) * divergence;
  }
  if (shape.gradient == 1u) {
    let hard = select(shape.scale * alpha, 0.0, ignored);
    let soft = select(shape.scale * beta / cool, 0.0, ignored);
    let everything = mass + rest;
    // With q outside as a share of all of q outside, no quotient of two tiny numbers is left.
    let pull = soft * (everything * exp(outside_normaliser - q_normaliser) - rest);
    for (var c = column_of(index); c < shape.width; c += STEP) {
      let z = student[first + c];
      var slope = hard * exp(z - Vec(normaliser)) + pull * exp(cool * z - Vec(outside_normaliser));
      if (c == at) {
        slope -= hard * one_hot(target_token % LANES);
      }
      student[first + c] = slope;
    }
    for (var i = 0u; i < shape.entries; i++) {
      let p = masses[first_mass + i];
      let token = ids[first_entry + i];
      let c = token / LANES;
      if (p > 0.0 && column_of(index) == c % STEP) {
        let z = kept[first_entry + i];
        let slope = hard * exp(z - normaliser) + soft * (everything * exp(cool * z - q_normaliser) - p);
        student[first + c] += slope * one_hot(token % LANES);
      }
    }
  }
}
