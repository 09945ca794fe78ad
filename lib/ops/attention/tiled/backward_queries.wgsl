// The gradient with respect to q: dq_i = scale sum_j p_ij (do_i v_j - d_i) k_j, with p_ij recomputed from the saved
// log-sum-exp and d_i = do_i o_i, which backward_keys reads (Dao et al. 2022, arXiv 2205.14135, appendix B.2).
// An invocation owns queries and meets keys.
@group(0) @binding(1) var<storage, read> qkv: array<Vec>;
@group(0) @binding(2) var<storage, read> o: array<Vec>;
@group(0) @binding(3) var<storage, read> lse: array<f32>;
@group(0) @binding(4) var<storage, read> upstream: array<Vec>;
@group(0) @binding(5) var<storage, read_write> dqkv: array<Vec>;
@group(0) @binding(6) var<storage, read_write> delta: array<f32>;

// Of a score and of its slope, do_i v_j.
alias Share = vec2f;

fn left(p: Place, token: u32, n: u32) -> Vec {
  return qkv[projected(p, token, 1u) + n];
}

fn right(p: Place, token: u32, n: u32) -> Vec {
  return qkv[projected(p, token, 2u) + n];
}

fn centre_of(p: Place, token: u32) -> f32 {
  let at = attended(p, token);
  var sum = Vec();
  for (var n = 0u; n < HEAD; n++) {
    sum += upstream[at + n] * o[at + n];
  }
  return total(sum);
}

@compute @workgroup_size(OWNERS * PARTS)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = lane / OWNERS;
  let owner = lane % OWNERS;
  let first = id.x * OWNERS * ROWS;
  let p = Place(id.z, id.y, first + owner);
  var q: array<array<Vec, SLICE>, ROWS>;
  var d_o: array<array<Vec, SLICE>, ROWS>;
  var dq: array<array<Vec, SLICE>, ROWS>;
  var normaliser: array<f32, ROWS>; // lse
  var centre: array<f32, ROWS>; // delta
  for (var r = 0u; r < ROWS; r++) {
    let row = p.first + r * OWNERS;
    let at = projected(p, row, 0u) + part * SLICE;
    let at_o = attended(p, row) + part * SLICE;
    for (var n = 0u; n < SLICE; n++) {
      q[r][n] = qkv[at + n] * shape.scale;
      d_o[r][n] = upstream[at_o + n];
    }
    normaliser[r] = lse[statistic(p, row)];
    centre[r] = centre_of(p, row);
  }

  let end = min(first + OWNERS * ROWS, shape.tokens);
  fetch(p, 0u, lane);
  for (var tile = 0u; tile < end; tile += MEET * BLOCKS) {
    workgroupBarrier();
    store(lane);
    workgroupBarrier();
    fetch(p, tile + MEET * BLOCKS, lane);
    let blocks = blocks_until(tile, end);
    for (var block = 0u; block < blocks; block++) {
      let start = tile + block * MEET;
      var pairs: array<array<Share, ROWS>, MEET>;
      for (var m = 0u; m < MEET; m++) {
        var scores = array<Vec, ROWS>();
        var slopes = array<Vec, ROWS>();
        for (var n = 0u; n < SLICE; n++) {
          let key = lefts[block][m][part][n];
          let value = rights[block][m][part][n];
          for (var r = 0u; r < ROWS; r++) {
            scores[r] += q[r][n] * key;
            slopes[r] += d_o[r][n] * value;
          }
        }
        for (var r = 0u; r < ROWS; r++) {
          pairs[m][r] = Share(total(scores[r]), total(slopes[r]));
        }
      }
      if (PARTS > 1u) {
        let buffer = block % BUFFERS;
        for (var m = 0u; m < MEET; m++) {
          for (var r = 0u; r < ROWS; r++) {
            shares[buffer][m][r][part][owner] = pairs[m][r];
          }
        }
        workgroupBarrier();
        for (var m = 0u; m < MEET; m++) {
          for (var r = 0u; r < ROWS; r++) {
            var whole = Share();
            for (var s = 0u; s < PARTS; s++) {
              whole += shares[buffer][m][r][s][owner];
            }
            pairs[m][r] = whole;
          }
        }
      }
      for (var m = 0u; m < MEET; m++) {
        var weights: array<f32, ROWS>;
        for (var r = 0u; r < ROWS; r++) {
          let visible = start + m <= p.first + r * OWNERS;
          let probability = exp(select(HIDDEN, pairs[m][r].x, visible) - normaliser[r]);
          weights[r] = probability * (pairs[m][r].y - centre[r]);
        }
        for (var n = 0u; n < SLICE; n++) {
          let key = lefts[block][m][part][n];
          for (var r = 0u; r < ROWS; r++) {
            dq[r][n] += key * weights[r];
          }
        }
      }
    }
  }

  for (var r = 0u; r < ROWS; r++) {
    let row = p.first + r * OWNERS;
    if (row < shape.tokens) {
      let at = projected(p, row, 0u) + part * SLICE;
      for (var n = 0u; n < SLICE; n++) {
        dqkv[at + n] = dq[r][n] * shape.scale;
      }
      if (part == 0u) {
        delta[statistic(p, row)] = centre[r];
      }
    }
  }
}
