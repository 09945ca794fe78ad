// out[p] = table[tokens[p]]. A table that exceeds one binding is bound part by part; each launch writes only the
// positions whose token lies in its part.
struct Shape {
  positions: u32,
  width: u32, // in Vec
  first: u32, // first token of the part that is bound
  tokens: u32, // tokens in the part
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<Vec>;
@group(0) @binding(3) var<storage, read_write> out: array<Vec>;

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * SIZE;
  let position = i / shape.width;
  if (position >= shape.positions) {
    return;
  }
  let token = tokens[position] - shape.first;
  if (token < shape.tokens) {
    out[i] = table[token * shape.width + i % shape.width];
  }
}
