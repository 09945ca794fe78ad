// For hardware: 256 invocations compute a square tile of 64 or, with BLOCKS = 2, 128 rows and columns from slices of 16
// k in workgroup memory. Each holds 4 by 4 sums, or four such blocks that lie 64 apart, so that neighbours read
// neighbouring vectors. Slices are stored k first, which makes both operands of an outer product one vector load.
const WIDTH = 16u * BLOCKS; // vectors in a line of a slice
const SIDE = 4u * WIDTH;
const DEPTH = 16u;
const PATCHES = WIDTH * DEPTH / 4u;
var<workgroup> a_slice: array<vec4f, DEPTH * WIDTH>;
var<workgroup> b_slice: array<vec4f, DEPTH * WIDTH>;

// The place of patch `p` in a slice, in vectors of four: x along the slice's lines, y along k. Neighbouring invocations
// load neighbouring memory.
fn place(p: u32, along: bool) -> vec2u {
  if (along) {
    return vec2u(p / (DEPTH / 4u), p % (DEPTH / 4u));
  }
  return vec2u(p % WIDTH, p / WIDTH);
}

fn add_outer(sum: mat4x4f, x: vec4f, y: vec4f) -> mat4x4f {
  return mat4x4f(
    fma(vec4f(x.x), y, sum[0]),
    fma(vec4f(x.y), y, sum[1]),
    fma(vec4f(x.z), y, sum[2]),
    fma(vec4f(x.w), y, sum[3]),
  );
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let row = group.y * SIDE;
  let column = group.x * SIDE;
  let first_a = group.z * shape.batch_a + shape.first_a;
  let first_b = group.z * shape.batch_b + shape.first_b;
  let x = index % 16u;
  let y = index / 16u;
  var c00 = mat4x4f();
  var c01 = mat4x4f();
  var c10 = mat4x4f();
  var c11 = mat4x4f();
  for (var k = 0u; k < shape.k; k += DEPTH) {
    if (index < PATCHES) {
      let at = place(index, FORM != TN);
      let part_a = block(true, FORM != TN, first_a, shape.lda, row + 4u * at.x, k + 4u * at.y);
      for (var u = 0u; u < 4u; u++) {
        a_slice[(4u * at.y + u) * WIDTH + at.x] = part_a[u];
      }
    } else if (index < 2u * PATCHES) {
      let at = place(index - PATCHES, FORM == NT);
      let part_b = block(false, FORM == NT, first_b, shape.ldb, column + 4u * at.x, k + 4u * at.y);
      for (var u = 0u; u < 4u; u++) {
        b_slice[(4u * at.y + u) * WIDTH + at.x] = part_b[u];
      }
    }
    workgroupBarrier();
    for (var u = 0u; u < DEPTH; u++) {
      let a0 = a_slice[u * WIDTH + y];
      let b0 = b_slice[u * WIDTH + x];
      c00 = add_outer(c00, a0, b0);
      if (BLOCKS == 2u) {
        let a1 = a_slice[u * WIDTH + 16u + y];
        let b1 = b_slice[u * WIDTH + 16u + x];
        c01 = add_outer(c01, a0, b1);
        c10 = add_outer(c10, a1, b0);
        c11 = add_outer(c11, a1, b1);
      }
    }
    workgroupBarrier();
  }
  var sums = array<mat4x4f, 4>(c00, c01, c10, c11);
  let top = row + 4u * y;
  let left = column + 4u * x;
  let count = select(0u, 4u * BLOCKS, top < shape.m);
  for (var i = 0u; i < count; i++) {
    for (var j = 0u; j < BLOCKS; j++) {
      finish(group.z, top + i % 4u + i / 4u * 64u, left + j * 64u, sums[i / 4u * 2u + j][i % 4u]);
    }
  }
}
