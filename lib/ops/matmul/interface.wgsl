// What the matrix kernels share: C = alpha op(A) op(B), then bias, residual or accumulation. Indices count elements.
// Vec and LANES come from vectors/, a4, b4 and part from four.wgsl or one.wgsl: vectors of four where every row starts
// at one, else single values; activate comes from plain.wgsl or activated.wgsl.
const NN = 0u; // C[m, n] = sum over k of A[m, k] B[k, n]
const NT = 1u; // C[m, n] = sum over k of A[m, k] B[n, k]
const TN = 2u; // C[m, n] = sum over k of A[k, m] B[k, n]
const BIAS = 1u;
const RESIDUAL = 2u;
const ACCUMULATE = 4u;

struct Shape {
  m: u32,
  n: u32,
  k: u32,
  lda: u32, // elements from one row to the next
  ldb: u32,
  ldc: u32,
  batch_a: u32, // elements from one matrix of the batch to the next
  batch_b: u32,
  batch_c: u32,
  first_a: u32, // column of A, B or C at which a split launch starts; C's is also the first element of the bias
  first_b: u32,
  first_c: u32,
  flags: u32,
  alpha: f32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<Vec>;
@group(0) @binding(2) var<storage, read> b: array<Vec>;
@group(0) @binding(3) var<storage, read> bias: array<Vec>;
@group(0) @binding(4) var<storage, read> residual: array<Vec>;
@group(0) @binding(5) var<storage, read_write> c: array<Vec>;

// Which of k .. k + 3 are summed. Rows past m and columns past n are computed from whatever lies there, even past the
// end of a binding, where loads are safe, and never stored; past k every operand must be zero.
fn inside(k: u32) -> vec4<bool> {
  return vec4u(k) + vec4u(0u, 1u, 2u, 3u) < vec4u(shape.k);
}

fn load(left: bool, i: u32) -> vec4f {
  if (left) {
    return a4(i);
  }
  return b4(i);
}

// A 4 by 4 part of op(A) or of op(B): vector u holds k + u and four rows of op(A) or columns of op(B), of which `line`
// is the first. `along` says whether neighbours in memory are neighbours in k.
fn block(left: bool, along: bool, first: u32, stride: u32, line: u32, k: u32) -> mat4x4f {
  let i = first + select(k * stride + line, line * stride + k, along);
  var lines = mat4x4f(load(left, i), load(left, i + stride), load(left, i + 2u * stride), load(left, i + 3u * stride));
  if (TAIL) {
    let keep = inside(k);
    for (var u = 0; u < 4; u++) {
      lines[u] = select(vec4f(), lines[u], select(vec4<bool>(keep[u]), keep, along));
    }
  }
  if (along) {
    return transpose(lines);
  }
  return lines;
}

// Stores C[row, column .. column + 3].
fn finish(batch: u32, row: u32, column: u32, product: vec4f) {
  let first = batch * shape.batch_c + row * shape.ldc;
  for (var j = 0u; j < 4u; j += LANES) {
    if (row < shape.m && column + j < shape.n) {
      let at = shape.first_c + column + j;
      let i = (first + at) / LANES;
      var value = shape.alpha * part(product, j);
      if ((shape.flags & BIAS) != 0u) {
        value += bias[at / LANES];
      }
      if ((shape.flags & RESIDUAL) != 0u) {
        value += residual[i];
      }
      if ((shape.flags & ACCUMULATE) != 0u) {
        value += c[i];
      }
      c[i] = value;
      activate(i, value);
    }
  }
}
