// The gradients with respect to k and v: dv_j = sum_i p_ij do_i and dk_j = scale sum_i p_ij (do_i v_j - d_i) q_i, over
// the queries i >= j in order; d and p as in backward_queries. An invocation owns keys and meets queries.
@group(0) @binding(1) var<storage, read> qkv: array<Vec>;
@group(0) @binding(2) var<storage, read> lse: array<f32>;
@group(0) @binding(3) var<storage, read> delta: array<f32>;
@group(0) @binding(4) var<storage, read> upstream: array<Vec>;
@group(0) @binding(5) var<storage, read_write> dqkv: array<Vec>;

var<private> k: array<Row, ROWS>;
var<private> v: array<Row, ROWS>;
var<private> dk: array<Row, ROWS>;
var<private> dv: array<Row, ROWS>;

fn begin(p: Place) {
  for (var r = 0u; r < rows(); r++) {
    let at = projected(p, p.first + r, 1u);
    for (var n = 0u; n < size(); n++) {
      k[r][n] = qkv[at + n] * shape.scale;
      v[r][n] = qkv[at + shape.size + n];
    }
  }
}

fn attend(r: u32, normaliser: f32, centre: f32, visible: bool) {
  var scores = Vec();
  var slopes = Vec();
  for (var n = 0u; n < HEAD / 2u; n++) {
    scores += k[r][n] * query[n];
    slopes += v[r][n] * d_o[n];
  }
  for (var n = HEAD / 2u; n < HEAD; n++) {
    scores += k[r][n] * query[n];
    slopes += v[r][n] * d_o[n];
  }
  let probability = exp(select(HIDDEN, total(scores), visible) - normaliser);
  let weight = probability * (total(slopes) - centre);
  for (var n = 0u; n < HEAD / 2u; n++) {
    dk[r][n] += query[n] * weight;
    dv[r][n] += d_o[n] * probability;
  }
  for (var n = HEAD / 2u; n < HEAD; n++) {
    dk[r][n] += query[n] * weight;
    dv[r][n] += d_o[n] * probability;
  }
}

fn end(p: Place) {
  for (var r = 0u; r < rows(); r++) {
    if (p.first + r < shape.tokens) {
      let at = projected(p, p.first + r, 1u);
      for (var n = 0u; n < size(); n++) {
        dqkv[at + n] = dk[r][n] * shape.scale;
        dqkv[at + shape.size + n] = dv[r][n];
      }
    }
  }
}
