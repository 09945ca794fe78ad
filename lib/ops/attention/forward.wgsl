// o = softmax(scale q k^T, causal) v with the softmax computed as keys come by (Milakov & Gimelshein 2018), and each
// row's log-sum-exp for the backward pass. An invocation owns queries and meets keys.
@group(0) @binding(1) var<storage, read> qkv: array<Vec>;
@group(0) @binding(2) var<storage, read_write> o: array<Vec>;
@group(0) @binding(3) var<storage, read_write> lse: array<f32>;

var<private> q: array<Row, ROWS>;
var<private> out: array<Row, ROWS>;
var<private> top: array<f32, ROWS>;
var<private> sum: array<f32, ROWS>;

fn begin(p: Place) {
  for (var r = 0u; r < rows(); r++) {
    let at = projected(p, p.first + r, 0u);
    for (var n = 0u; n < size(); n++) {
      q[r][n] = qkv[at + n] * shape.scale;
    }
    top[r] = HIDDEN;
  }
}

fn attend(r: u32, visible: bool) {
  var products = Vec();
  for (var n = 0u; n < HEAD / 2u; n++) {
    products += q[r][n] * key[n];
  }
  for (var n = HEAD / 2u; n < HEAD; n++) {
    products += q[r][n] * key[n];
  }
  let score = select(HIDDEN, total(products), visible);
  let highest = max(top[r], score);
  let keep = exp(top[r] - highest);
  let weight = exp(score - highest);
  top[r] = highest;
  sum[r] = sum[r] * keep + weight;
  for (var n = 0u; n < HEAD / 2u; n++) {
    out[r][n] = out[r][n] * keep + value[n] * weight;
  }
  for (var n = HEAD / 2u; n < HEAD; n++) {
    out[r][n] = out[r][n] * keep + value[n] * weight;
  }
}

fn end(p: Place) {
  for (var r = 0u; r < rows(); r++) {
    if (p.first + r < shape.tokens) {
      let at = attended(p, p.first + r);
      let part = 1.0 / sum[r];
      for (var n = 0u; n < size(); n++) {
        o[at + n] = out[r][n] * part;
      }
      lse[statistic(p, p.first + r)] = top[r] + log(sum[r]);
    }
  }
}
