// Rotates the first dimensions of each head's q and k by their position's angles, in pairs (i, i + half), and copies
// the rest. One invocation a row and head: the table is read once for q and k.
struct Shape {
  rows: u32,
  start: u32, // of the first row
  sequence: u32,
  heads: u32,
  size: u32, // of a head, in Vec
  half: u32, // of the rotated part, in Vec
  direction: f32, // 1, or -1 for the inverse
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<Vec>;
@group(0) @binding(2) var<storage, read> table: array<Vec>; // [sequence, (cos, sin), half]
@group(0) @binding(3) var<storage, read_write> y: array<Vec>;

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * SIZE;
  if (i >= shape.rows * shape.heads) {
    return;
  }
  let q = i * 3u * shape.size;
  let angle = (shape.start + i / shape.heads) % shape.sequence * 2u * shape.half;
  for (var n = 0u; n < shape.half; n++) {
    let c = table[angle + n];
    let s = table[angle + shape.half + n] * shape.direction;
    for (var part = 0u; part < 2u; part++) {
      let at = q + part * shape.size + n;
      let a = x[at];
      let b = x[at + shape.half];
      y[at] = a * c - b * s;
      y[at + shape.half] = b * c + a * s;
    }
  }
  for (var n = 2u * shape.half; n < shape.size; n++) {
    y[q + n] = x[q + n];
  }
  for (var n = shape.size + 2u * shape.half; n < 3u * shape.size; n++) {
    y[q + n] = x[q + n];
  }
}
