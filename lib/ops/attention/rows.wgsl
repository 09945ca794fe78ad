// What the attention kernels share. Software and hardware have kernels of their own; in both, an invocation owns rows of
// one head (queries, or keys in backward_keys) and meets the rows of the other side in order, so that sums run in a
// fixed order and need no atomics.
struct Shape {
  batch: u32,
  tokens: u32,
  heads: u32,
  size: u32, // HEAD
  rows: u32, // ROWS
  scale: f32,
  groups: u32,
}
@group(0) @binding(0) var<uniform> shape: Shape;

// Far below any score, yet finite.
const HIDDEN = -1e30;

// Owned rows of one head, from the first one on.
struct Place {
  batch: u32,
  head: u32,
  first: u32,
}

// Index of a row of q (part 0), k (1) or v (2) in the fused projection [batch, tokens, heads, 3, size].
fn projected(p: Place, token: u32, part: u32) -> u32 {
  let row = (p.batch * shape.tokens + min(token, shape.tokens - 1u)) * shape.heads + p.head;
  return (row * 3u + part) * shape.size;
}

// Index of a row of the output [batch, tokens, heads, size].
fn attended(p: Place, token: u32) -> u32 {
  return ((p.batch * shape.tokens + min(token, shape.tokens - 1u)) * shape.heads + p.head) * shape.size;
}

// Index of a row's log-sum-exp [batch, heads, tokens].
fn statistic(p: Place, token: u32) -> u32 {
  return (p.batch * shape.heads + p.head) * shape.tokens + min(token, shape.tokens - 1u);
}
