// The gradients with respect to k and v: dv_j = sum_i p_ij do_i and dk_j = scale sum_i p_ij (do_i v_j - d_i) q_i, over
// the queries i >= j in order; d and p as in backward_queries. An invocation owns keys and meets queries.
@group(0) @binding(1) var<storage, read> qkv: array<Vec>;
@group(0) @binding(2) var<storage, read> lse: array<f32>;
@group(0) @binding(3) var<storage, read> delta: array<f32>;
@group(0) @binding(4) var<storage, read> upstream: array<Vec>;
@group(0) @binding(5) var<storage, read_write> dqkv: array<Vec>;

// Of a score and of its slope, do_i v_j.
alias Share = vec2f;

// lse and delta of the tile's queries.
var<workgroup> statistics: array<array<vec2f, MEET>, BLOCKS>;

fn left(p: Place, token: u32, n: u32) -> Vec {
  return qkv[projected(p, token, 0u) + n];
}

fn right(p: Place, token: u32, n: u32) -> Vec {
  return upstream[attended(p, token) + n];
}

fn fetch_statistics(p: Place, token: u32) -> vec2f {
  let at = statistic(p, token);
  return vec2f(lse[at], delta[at]);
}

@compute @workgroup_size(OWNERS * PARTS)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = lane / OWNERS;
  let owner = lane % OWNERS;
  let first = id.x * OWNERS * ROWS;
  let p = Place(id.z, id.y, first + owner);
  var k: array<array<Vec, SLICE>, ROWS>;
  var v: array<array<Vec, SLICE>, ROWS>;
  var dk: array<array<Vec, SLICE>, ROWS>;
  var dv: array<array<Vec, SLICE>, ROWS>;
  for (var r = 0u; r < ROWS; r++) {
    let row = p.first + r * OWNERS;
    let at_k = projected(p, row, 1u) + part * SLICE;
    let at_v = projected(p, row, 2u) + part * SLICE;
    for (var n = 0u; n < SLICE; n++) {
      k[r][n] = qkv[at_k + n] * shape.scale;
      v[r][n] = qkv[at_v + n];
    }
  }

  fetch(p, first, lane);
  var next_statistics = fetch_statistics(p, first + lane);
  for (var tile = first; tile < shape.tokens; tile += MEET * BLOCKS) {
    workgroupBarrier();
    store(lane);
    if (lane < MEET * BLOCKS) {
      statistics[lane / MEET][lane % MEET] = next_statistics;
    }
    workgroupBarrier();
    fetch(p, tile + MEET * BLOCKS, lane);
    next_statistics = fetch_statistics(p, tile + MEET * BLOCKS + lane);
    let blocks = blocks_until(tile, shape.tokens);
    for (var block = 0u; block < blocks; block++) {
      let start = tile + block * MEET;
      var pairs: array<array<Share, ROWS>, MEET>;
      for (var m = 0u; m < MEET; m++) {
        var scores = array<Vec, ROWS>();
        var slopes = array<Vec, ROWS>();
        for (var n = 0u; n < SLICE; n++) {
          let query = lefts[block][m][part][n];
          let d_o = rights[block][m][part][n];
          for (var r = 0u; r < ROWS; r++) {
            scores[r] += k[r][n] * query;
            slopes[r] += v[r][n] * d_o;
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
        let i = start + m;
        let of_query = statistics[block][m];
        var probabilities: array<f32, ROWS>;
        var weights: array<f32, ROWS>;
        for (var r = 0u; r < ROWS; r++) {
          let visible = p.first + r * OWNERS <= i && i < shape.tokens;
          probabilities[r] = exp(select(HIDDEN, pairs[m][r].x, visible) - of_query.x);
          weights[r] = probabilities[r] * (pairs[m][r].y - of_query.y);
        }
        for (var n = 0u; n < SLICE; n++) {
          let query = lefts[block][m][part][n];
          let d_o = rights[block][m][part][n];
          for (var r = 0u; r < ROWS; r++) {
            dk[r][n] += query * weights[r];
            dv[r][n] += d_o * probabilities[r];
          }
        }
      }
    }
  }

  for (var r = 0u; r < ROWS; r++) {
    let row = p.first + r * OWNERS;
    if (row < shape.tokens) {
      let at_k = projected(p, row, 1u) + part * SLICE;
      let at_v = projected(p, row, 2u) + part * SLICE;
      for (var n = 0u; n < SLICE; n++) {
        dqkv[at_k + n] = dk[r][n] * shape.scale;
        dqkv[at_v + n] = dv[r][n];
      }
    }
  }
}
