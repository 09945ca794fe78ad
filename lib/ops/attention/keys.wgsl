// For kernels whose invocations own queries: the rows that they meet are the keys and values up to their own position.
var<private> key: Row;
var<private> value: Row;

fn met(first: u32, count: u32) -> vec2u {
  return vec2u(0u, min(first + count, shape.tokens));
}

fn sources(p: Place, j: u32) -> vec2u {
  return vec2u(projected(p, j, 1u), projected(p, j, 2u));
}

fn left(at: u32) -> Vec {
  return qkv[at];
}

fn right(at: u32) -> Vec {
  return qkv[at];
}

fn take(n: u32, k: Vec, v: Vec) {
  key[n] = k;
  value[n] = v;
}

fn meet(p: Place, j: u32) {
  attend(0u, j <= p.first);
  if (ROWS > 1u) {
    attend(1u, j <= p.first + 1u);
  }
  if (ROWS > 2u) {
    attend(2u, j <= p.first + 2u);
    attend(3u, j <= p.first + 3u);
  }
}
