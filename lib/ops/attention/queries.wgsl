// For kernels whose invocations own keys: the rows that they meet are the queries from their own position on, and the
// upstream gradients of these queries' outputs.
var<private> query: Row;
var<private> d_o: Row;

fn met(first: u32, count: u32) -> vec2u {
  return vec2u(first, shape.tokens);
}

fn sources(p: Place, i: u32) -> vec2u {
  return vec2u(projected(p, i, 0u), attended(p, i));
}

fn left(at: u32) -> Vec {
  return qkv[at];
}

fn right(at: u32) -> Vec {
  return upstream[at];
}

fn take(n: u32, q: Vec, d: Vec) {
  query[n] = q;
  d_o[n] = d;
}

fn meet(p: Place, i: u32) {
  let normaliser = lse[statistic(p, i)];
  let centre = delta[statistic(p, i)];
  attend(0u, normaliser, centre, p.first <= i);
  if (ROWS > 1u) {
    attend(1u, normaliser, centre, p.first + 1u <= i);
  }
  if (ROWS > 2u) {
    attend(2u, normaliser, centre, p.first + 2u <= i);
    attend(3u, normaliser, centre, p.first + 3u <= i);
  }
}
