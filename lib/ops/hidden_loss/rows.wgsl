// Adds the losses of a layer to those of its rows, and keeps two slopes a row, of which the gradient is
// slopes.x * (student - target), or of a cosine slopes.x * student + slopes.y * target.
const COSINE = 2u;
struct Shape {
  rows: u32,
  width: u32, // in Vec
  form: u32, // 0: mse, 1: relative_mse, 2: cosine
  first: u32, // 1 for the first of the layers, before which there is nothing to add to
  factor: f32, // of the gradient
  epsilon: f32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> student: array<Vec>;
@group(0) @binding(2) var<storage, read> wanted: array<Vec>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read_write> losses: array<f32>;
@group(0) @binding(5) var<storage, read_write> weighed: array<f32>;
@group(0) @binding(6) var<storage, read_write> slopes: array<vec2f>;

fn join(a: vec2f, b: vec2f) -> vec2f {
  return a + b;
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
  let cosine = shape.form == COSINE;
  var own = Vec(); // squares of the differences, or of the student
  var theirs = Vec();
  var products = Vec();
  for (var c = column_of(index); c < shape.width; c += STEP) {
    let x = student[first + c];
    let t = wanted[first + c];
    let d = select(x - t, x, cosine);
    own = fma(d, d, own);
    theirs = fma(t, t, theirs);
    products = fma(x, t, products);
  }
  let share = 1.0 / f32(shape.width * LANES);
  let squares = share * reduced(vec2f(total(own), total(theirs)), index);
  let product = share * reduced(vec2f(total(products), 0.0), index).x;

  var loss: f32;
  var slope: vec2f;
  if (cosine) {
    let a = 1.0 / sqrt(squares.x + shape.epsilon);
    let b = 1.0 / sqrt(squares.y + shape.epsilon);
    let angle = product * a * b;
    loss = 1.0 - angle;
    slope = vec2f(a * a * angle, -a * b);
  } else {
    let relative = select(1.0, 1.0 / (squares.y + shape.epsilon), shape.form == 1u);
    loss = squares.x * relative;
    slope = vec2f(2.0 * relative, 0.0);
  }
  if (column_of(index) == 0u) {
    let more = weight[0] * loss;
    losses[row] = select(losses[row], 0.0, shape.first == 1u) + loss;
    weighed[row] = select(weighed[row], 0.0, shape.first == 1u) + more;
    slopes[row] = shape.factor * share * weight[0] * slope;
  }
}
