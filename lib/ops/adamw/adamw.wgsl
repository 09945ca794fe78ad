// Decoupled weight decay: p = p (1 - lr decay flag) - lr mhat / (sqrt(vhat) + epsilon), with the clipped gradient.
// decays holds one multiplier for each block of 64 values, the alignment of a parameter in its page.
struct Shape {
  count: u32, // in vec4f
  rise1: f32, // 1 - beta1 and 1 - beta2, which cancel where betas are rounded first
  rise2: f32,
  epsilon: f32,
  decay: f32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> scalars: array<f32>; // lr, 1 / (1 - beta1^t), 1 / (1 - beta2^t)
@group(0) @binding(2) var<storage, read> factor: array<f32>;
@group(0) @binding(3) var<storage, read> decays: array<f32>;
@group(0) @binding(4) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> parameter: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> first: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> second: array<vec4f>;

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * SIZE;
  if (i >= shape.count) {
    return;
  }
  let lr = scalars[0];
  let g = gradient[i] * factor[0];
  let m = fma(vec4f(shape.rise1), g - first[i], first[i]);
  let v = fma(vec4f(shape.rise2), g * g - second[i], second[i]);
  first[i] = m;
  second[i] = v;
  let step = m * scalars[1] / (sqrt(v * scalars[2]) + shape.epsilon);
  let kept = 1.0 - lr * shape.decay * decays[i / 16u];
  parameter[i] = fma(vec4f(-lr), step, parameter[i] * kept);
}
