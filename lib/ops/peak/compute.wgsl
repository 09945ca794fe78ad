// Nothing but fused multiply-adds. Twelve independent chains keep every multiplier busy and still fit the sixteen
// registers of a vector processor; the factor and the addend are uniforms, so that no compiler can fold the chains.
struct Uniforms {
  rounds: u32,
  factor: f32,
  addend: f32,
}
@group(0) @binding(0) var<uniform> uniforms: Uniforms;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;

struct Chains {
  a: vec4f,
  b: vec4f,
  c: vec4f,
}

fn once(x: Chains, factor: vec4f, addend: vec4f) -> Chains {
  return Chains(fma(x.a, factor, addend), fma(x.b, factor, addend), fma(x.c, factor, addend));
}

fn four(x: Chains, factor: vec4f, addend: vec4f) -> Chains {
  return once(once(once(once(x, factor, addend), factor, addend), factor, addend), factor, addend);
}

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let factor = vec4f(uniforms.factor);
  let addend = vec4f(uniforms.addend);
  let start = vec4f(f32(id.x)) + vec4f(0.0, 1.0, 2.0, 3.0);
  var x = Chains(start, start + 4.0, start + 8.0);
  for (var round = 0u; round < uniforms.rounds; round++) {
    x = four(x, factor, addend);
    if (LONG) {
      x = four(four(four(x, factor, addend), factor, addend), factor, addend);
    }
  }
  let sum = x.a + x.b + x.c;
  out[id.x] = sum.x + sum.y + sum.z + sum.w;
}
