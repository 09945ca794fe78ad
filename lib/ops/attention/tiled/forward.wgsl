// o = softmax(scale q k^T, causal) v with the softmax computed as blocks of keys come by (Milakov & Gimelshein 2018;
// Dao et al. 2022), and each row's log-sum-exp for the backward pass. An invocation owns queries and meets keys.
@group(0) @binding(1) var<storage, read> qkv: array<Vec>;
@group(0) @binding(2) var<storage, read_write> o: array<Vec>;
@group(0) @binding(3) var<storage, read_write> lse: array<f32>;

alias Share = f32;

fn left(p: Place, token: u32, n: u32) -> Vec {
  return qkv[projected(p, token, 1u) + n];
}

fn right(p: Place, token: u32, n: u32) -> Vec {
  return qkv[projected(p, token, 2u) + n];
}

@compute @workgroup_size(OWNERS * PARTS)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = lane / OWNERS;
  let owner = lane % OWNERS;
  let first = id.x * OWNERS * ROWS;
  let p = Place(id.z, id.y, first + owner);
  var q: array<array<Vec, SLICE>, ROWS>;
  var out: array<array<Vec, SLICE>, ROWS>;
  var top: array<f32, ROWS>;
  var sum: array<f32, ROWS>;
  for (var r = 0u; r < ROWS; r++) {
    let at = projected(p, p.first + r * OWNERS, 0u) + part * SLICE;
    for (var n = 0u; n < SLICE; n++) {
      q[r][n] = qkv[at + n] * shape.scale;
    }
    top[r] = HIDDEN;
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
      var scores: array<array<f32, ROWS>, MEET>;
      for (var m = 0u; m < MEET; m++) {
        var products = array<Vec, ROWS>();
        for (var n = 0u; n < SLICE; n++) {
          let key = lefts[block][m][part][n];
          for (var r = 0u; r < ROWS; r++) {
            products[r] += q[r][n] * key;
          }
        }
        for (var r = 0u; r < ROWS; r++) {
          scores[m][r] = total(products[r]);
        }
      }
      if (PARTS > 1u) {
        let buffer = block % BUFFERS;
        for (var m = 0u; m < MEET; m++) {
          for (var r = 0u; r < ROWS; r++) {
            shares[buffer][m][r][part][owner] = scores[m][r];
          }
        }
        workgroupBarrier();
        for (var m = 0u; m < MEET; m++) {
          for (var r = 0u; r < ROWS; r++) {
            var whole = 0.0;
            for (var s = 0u; s < PARTS; s++) {
              whole += shares[buffer][m][r][s][owner];
            }
            scores[m][r] = whole;
          }
        }
      }
      for (var r = 0u; r < ROWS; r++) {
        let row = p.first + r * OWNERS;
        var highest = top[r];
        for (var m = 0u; m < MEET; m++) {
          scores[m][r] = select(HIDDEN, scores[m][r], start + m <= row);
          highest = max(highest, scores[m][r]);
        }
        let keep = exp(top[r] - highest);
        top[r] = highest;
        sum[r] *= keep;
        for (var m = 0u; m < MEET; m++) {
          scores[m][r] = exp(scores[m][r] - highest);
          sum[r] += scores[m][r];
        }
        for (var n = 0u; n < SLICE; n++) {
          out[r][n] *= keep;
        }
      }
      for (var m = 0u; m < MEET; m++) {
        for (var n = 0u; n < SLICE; n++) {
          let value = rights[block][m][part][n];
          for (var r = 0u; r < ROWS; r++) {
            out[r][n] += value * scores[m][r];
          }
        }
      }
    }
  }

  for (var r = 0u; r < ROWS; r++) {
    let row = p.first + r * OWNERS;
    if (row < shape.tokens) {
      let at = attended(p, row) + part * SLICE;
      for (var n = 0u; n < SLICE; n++) {
        o[at + n] = out[r][n] / sum[r];
      }
      if (part == 0u) {
        lse[statistic(p, row)] = top[r] + log(sum[r]);
      }
    }
  }
}
