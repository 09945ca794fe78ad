// For kernels that reduce rows of logits to the logarithm of a sum of exponentials.
const IGNORED = 0xffffffffu; // the target of a row without a loss
const LOWEST = -1e30; // below any logit, yet finite

// Joins two sums of exponentials, each relative to the largest exponent: x is that exponent, y the sum.
fn join(a: vec2f, b: vec2f) -> vec2f {
  let top = max(a.x, b.x);
  return vec2f(top, a.y * exp(a.x - top) + b.y * exp(b.x - top));
}

