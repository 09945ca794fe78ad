// The gradient with respect to q: dq_i = scale sum_j p_ij (do_i v_j - d_i) k_j, with p_ij recomputed from the saved
// log-sum-exp and d_i = do_i o_i, which backward_keys reads (Dao et al. 2022, arXiv 2205.14135, appendix B.2).
// An invocation owns queries and meets keys.
@group(0) @binding(1) var<storage, read> qkv: array<Vec>;
@group(0) @binding(2) var<storage, read> o: array<Vec>;
@group(0) @binding(3) var<storage, read> lse: array<f32>;
@group(0) @binding(4) var<storage, read> upstream: array<Vec>;
@group(0) @binding(5) var<storage, read_write> dqkv: array<Vec>;
@group(0) @binding(6) var<storage, read_write> delta: array<f32>;

var<private> q: array<Row, ROWS>;
var<private> d_o: array<Row, ROWS>;
var<private> dq: array<Row, ROWS>;
var<private> normaliser: array<f32, ROWS>; // lse
var<private> centre: array<f32, ROWS>; // delta

fn begin(p: Place) {
  for (var r = 0u; r < rows(); r++) {
    let at = projected(p, p.first + r, 0u);
    let at_o = attended(p, p.first + r);
    var sum = Vec();
    for (var n = 0u; n < size(); n++) {
      let d = upstream[at_o + n];
      sum += d * o[at_o + n];
      d_o[r][n] = d;
      q[r][n] = qkv[at + n] * shape.scale;
    }
    centre[r] = total(sum);
    normaliser[r] = lse[statistic(p, p.first + r)];
  }
}

fn attend(r: u32, visible: bool) {
  var scores = Vec();
  var slopes = Vec();
  for (var n = 0u; n < HEAD / 2u; n++) {
    scores += q[r][n] * key[n];
    slopes += d_o[r][n] * value[n];
  }
  for (var n = HEAD / 2u; n < HEAD; n++) {
    scores += q[r][n] * key[n];
    slopes += d_o[r][n] * value[n];
  }
  let probability = exp(select(HIDDEN, total(scores), visible) - normaliser[r]);
  let weight = probability * (total(slopes) - centre[r]);
  for (var n = 0u; n < HEAD / 2u; n++) {
    dq[r][n] += key[n] * weight;
  }
  for (var n = HEAD / 2u; n < HEAD; n++) {
    dq[r][n] += key[n] * weight;
  }
}

fn end(p: Place) {
  for (var r = 0u; r < rows(); r++) {
    if (p.first + r < shape.tokens) {
      let at = projected(p, p.first + r, 0u);
      for (var n = 0u; n < size(); n++) {
        dqkv[at + n] = dq[r][n] * shape.scale;
      }
      delta[statistic(p, p.first + r)] = centre[r];
    }
  }
}
