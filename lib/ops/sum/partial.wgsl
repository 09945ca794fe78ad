// Each invocation sums every `threads`-th vector, squared with SQUARED. Neighbouring invocations read neighbouring
// vectors.
struct Shape {
  count: u32, // f32 values
  threads: u32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partial: array<f32>;

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let thread = id.x;
  if (thread >= shape.threads) {
    return;
  }
  var sum = vec4f();
  let vectors = shape.count / 4u;
  for (var i = thread; i < vectors; i += shape.threads) {
    if (SQUARED) {
      sum = fma(x[i], x[i], sum);
    } else {
      sum += x[i];
    }
  }
  let rest = shape.count % 4u;
  if (rest != 0u && thread == vectors % shape.threads) {
    // What lies past the last value may be anything, even NaN.
    var value = select(vec4f(), x[vectors], vec4u(0u, 1u, 2u, 3u) < vec4u(rest));
    if (SQUARED) {
      value *= value;
    }
    sum += value;
  }
  partial[thread] = (sum.x + sum.y) + (sum.z + sum.w);
}
