// y = x scale where the hash of the value's index is at least the threshold, else 0; plus a residual. The hash is two
// rounds of Wellons' lowbias32, each with a word of the key: with one round masks would be shifts of each other.
struct Shape {
  count: u32, // f32 values
  first: u32, // index of the first
  site: u32,
  threshold: u32,
  scale: f32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> key: array<u32>;
@group(0) @binding(3) var<storage, read> residual: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

fn mix_bits(bits: vec4u) -> vec4u {
  var h = bits;
  h = (h ^ (h >> vec4u(16u))) * 0x7feb352du;
  h = (h ^ (h >> vec4u(15u))) * 0x846ca68bu;
  return h ^ (h >> vec4u(16u));
}

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * SIZE;
  if (4u * i >= shape.count) {
    return;
  }
  let index = vec4u(shape.first + 4u * i) + vec4u(0u, 1u, 2u, 3u);
  let draw = mix_bits(mix_bits(index + vec4u(key[0])) + vec4u(key[1] + shape.site));
  var kept = select(vec4f(0.0), shape.scale * x[i], draw >= vec4u(shape.threshold));
  if (RESIDUAL) {
    kept += residual[i];
  }
  y[i] = kept;
}
