// For software adapters: no barriers, no workgroup memory. Eight lanes, one subgroup, compute 16 rows by 32 columns;
// each lane holds four columns of all rows as four matrices, whose columns are rows of C. Products go to the driver as
// 4 by 4 matrix products, which it expands into plain multiplies and adds in a fixed order.
//
// Measured on llvmpipe (Mesa 25.0.7, LLVM 15, 8 lanes, 2 cores of an AMD EPYC) at 512 x 512 x 512, in GFLOP/s, with the
// time of the first launch: 55 in all three forms, 0.3 s; 40 with LANES = 1. What decides is the price of a load: the
// driver loads lane by lane with a branch for each value, also where all lanes load the same address (only constant
// addresses are loaded once), so each row vector is loaded by one lane and spread with subgroupBroadcast, one shuffle.
//   rows loaded by every lane, 8 rows by 2 vectors: 30     8 rows a tile instead of 16: 44     24 rows: 58, 0.5 s
//   32 rows: 60, 0.8 s     16 rows by 64 columns: 50, 0.8 s     k in steps of 8: 32, 0.6 s (exceeds the op cache)
//   loading the next slice early: 45     rows loaded after columns: 54     sums of fma in place of matrices: 55
//   64-bit loads (an extension of the adapter's, not WGSL): 69

// Column u of the result holds op(A)[row + u, k .. k + 3] for the first or the last four of eight rows, which the lanes
// loaded together: one row a lane, or in form TN four rows of one k a lane.
fn first_rows(v: vec4f) -> mat4x4f {
  if (FORM == TN) {
    return transpose(mat4x4f(
      subgroupBroadcast(v, 0u),
      subgroupBroadcast(v, 2u),
      subgroupBroadcast(v, 4u),
      subgroupBroadcast(v, 6u),
    ));
  }
  return mat4x4f(
    subgroupBroadcast(v, 0u),
    subgroupBroadcast(v, 1u),
    subgroupBroadcast(v, 2u),
    subgroupBroadcast(v, 3u),
  );
}

fn last_rows(v: vec4f) -> mat4x4f {
  if (FORM == TN) {
    return transpose(mat4x4f(
      subgroupBroadcast(v, 1u),
      subgroupBroadcast(v, 3u),
      subgroupBroadcast(v, 5u),
      subgroupBroadcast(v, 7u),
    ));
  }
  return mat4x4f(
    subgroupBroadcast(v, 4u),
    subgroupBroadcast(v, 5u),
    subgroupBroadcast(v, 6u),
    subgroupBroadcast(v, 7u),
  );
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.y * 16u;
  let column = group.x * 32u + lane * 4u;
  let first_b = group.z * shape.batch_b + shape.first_b;
  var first_a = group.z * shape.batch_a + shape.first_a;
  var step = 1u;
  var next = 8u * shape.lda; // to the lower eight rows
  if (FORM == TN) {
    first_a += (lane >> 1u) * shape.lda + row + (lane & 1u) * 4u;
    step = shape.lda;
    next = 8u;
  } else {
    first_a += (row + lane) * shape.lda;
  }
  var c0 = mat4x4f();
  var c1 = mat4x4f();
  var c2 = mat4x4f();
  var c3 = mat4x4f();
  for (var k = 0u; k < shape.k; k += 4u) {
    let i = first_a + k * step;
    var upper = a4(i);
    var lower = a4(i + next);
    if (TAIL) {
      if (FORM == TN) {
        let keep = k + (lane >> 1u) < shape.k;
        upper = select(vec4f(), upper, keep);
        lower = select(vec4f(), lower, keep);
      } else {
        upper = select(vec4f(), upper, inside(k));
        lower = select(vec4f(), lower, inside(k));
      }
    }
    let right = block(false, FORM == NT, first_b, shape.ldb, column, k);
    c0 += right * first_rows(upper);
    c1 += right * last_rows(upper);
    c2 += right * first_rows(lower);
    c3 += right * last_rows(lower);
  }
  var tile = array<mat4x4f, 4>(c0, c1, c2, c3);
  let count = min(16u, shape.m - row);
  for (var i = 0u; i < count; i++) {
    finish(group.z, row + i, column, tile[i >> 2u][i & 3u]);
  }
}
