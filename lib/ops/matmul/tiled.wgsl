// For hardware: 256 invocations compute a tile of 64 or, with BLOCKS = 2, 128 rows and 64 columns from slices of 16 k in
// workgroup memory. Each holds 4 by 4 sums, or two such blocks that lie 64 rows apart, so that neighbours read
// neighbouring vectors. Slices are stored k first, which makes both operands of an outer product one vector load.
//
// On an H200, whose plain multiply-adds reach 59 TFLOP/s, such a kernel without edges multiplies 4096 cubed at 33, with
// tiles of 64 by 64 at 29, of 128 by 128 at 21. With 128 by 64: turns of a slice in a loop 22, written out 28, with the
// next slice loaded ahead 32, with places of a slice exchanged 33 (18 instead of 13 where k is 256). Slices of 8 and of
// 32 k lost.
const A_WIDTH = 16u * BLOCKS; // vectors in a line of a slice
const B_WIDTH = 16u;
const DEPTH = 16u;
const LINES = 4u; // of a block of sums
const A_PATCHES = A_WIDTH * DEPTH / 4u;
const B_PATCHES = B_WIDTH * DEPTH / 4u;
var<workgroup> a_slice: array<vec4f, DEPTH * A_WIDTH>;
var<workgroup> b_slice: array<vec4f, DEPTH * B_WIDTH>;

// The place of patch `p` in a slice, in vectors of four: x along the slice's lines, y along k. Neighbouring invocations
// load neighbouring memory.
fn place(p: u32, width: u32, along: bool) -> vec2u {
  if (along) {
    return vec2u(p / (DEPTH / 4u), p % (DEPTH / 4u));
  }
  return vec2u(p % width, p / width);
}

// Where a line's vector `x` lies. Places are exchanged in another way every four lines, as patches that lie along k are
// stored by neighbours four lines apart, which would all meet the same banks of memory.
fn exchanged(x: u32, line: u32) -> u32 {
  return x ^ (2u * (line / 4u));
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let row = group.y * 64u * BLOCKS;
  let column = group.x * 64u;
  let first_a = group.z * shape.batch_a + shape.first_a;
  let first_b = group.z * shape.batch_b + shape.first_b;
  let x = index % 16u;
  let y = index / 16u;
  let left = index < A_PATCHES;
  let right = !left && index < A_PATCHES + B_PATCHES;
  let at_a = place(index, A_WIDTH, FORM != TN);
  let at_b = place(index - A_PATCHES, B_WIDTH, FORM == NT);
  var next = mat4x4f();
  if (left) {
    next = block(true, FORM != TN, first_a, shape.lda, row + 4u * at_a.x, 4u * at_a.y);
  } else if (right) {
    next = block(false, FORM == NT, first_b, shape.ldb, column + 4u * at_b.x, 4u * at_b.y);
  }
  var c0 = vec4f();
  var c1 = vec4f();
  var c2 = vec4f();
  var c3 = vec4f();
  var d0 = vec4f();
  var d1 = vec4f();
  var d2 = vec4f();
  var d3 = vec4f();
  for (var k = 0u; k < shape.k; k += DEPTH) {
    if (left) {
      let line = 4u * at_a.y;
      let place = exchanged(at_a.x, line);
      a_slice[line * A_WIDTH + place] = next[0];
      a_slice[(line + 1u) * A_WIDTH + place] = next[1];
      a_slice[(line + 2u) * A_WIDTH + place] = next[2];
      a_slice[(line + 3u) * A_WIDTH + place] = next[3];
    } else if (right) {
      let line = 4u * at_b.y;
      let place = exchanged(at_b.x, line);
      b_slice[line * B_WIDTH + place] = next[0];
      b_slice[(line + 1u) * B_WIDTH + place] = next[1];
      b_slice[(line + 2u) * B_WIDTH + place] = next[2];
      b_slice[(line + 3u) * B_WIDTH + place] = next[3];
    }
    workgroupBarrier();
    if (k + DEPTH < shape.k) {
      if (left) {
        next = block(true, FORM != TN, first_a, shape.lda, row + 4u * at_a.x, k + DEPTH + 4u * at_a.y);
      } else if (right) {
        next = block(false, FORM == NT, first_b, shape.ldb, column + 4u * at_b.x, k + DEPTH + 4u * at_b.y);
      }
    }
    for (var u = 0u; u < DEPTH; u++) {
      let a0 = a_slice[u * A_WIDTH + exchanged(y, u)];
      let b0 = b_slice[u * B_WIDTH + exchanged(x, u)];
      c0 = fma(vec4f(a0.x), b0, c0);
      c1 = fma(vec4f(a0.y), b0, c1);
      c2 = fma(vec4f(a0.z), b0, c2);
      c3 = fma(vec4f(a0.w), b0, c3);
      if (BLOCKS == 2u) {
        let a1 = a_slice[u * A_WIDTH + 16u + exchanged(y, u)];
        d0 = fma(vec4f(a1.x), b0, d0);
        d1 = fma(vec4f(a1.y), b0, d1);
        d2 = fma(vec4f(a1.z), b0, d2);
        d3 = fma(vec4f(a1.w), b0, d3);
      }
    }
    workgroupBarrier();
  }
  let top = row + 4u * y;
  let side = column + 4u * x;
  var upper = array<vec4f, LINES>(c0, c1, c2, c3);
  for (var i = 0u; i < LINES; i++) {
    finish(group.z, top + i, side, upper[i]);
  }
  if (BLOCKS == 2u) {
    var lower = array<vec4f, LINES>(d0, d1, d2, d3);
    for (var i = 0u; i < LINES; i++) {
      finish(group.z, top + 64u + i, side, lower[i]);
    }
  }
}
