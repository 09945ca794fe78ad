// dtable[token] += the sum of dy over the positions of that token, in the order of the positions. The host sorts
// positions into one bucket per token, so that each row of the table has a single writer and no atomics are needed.
struct Shape {
  buckets: u32,
  width: u32, // in Vec
  first: u32, // first token of the part of the table that is bound
  tokens: u32,
  first_position: u32, // first position of the part of dy that is bound
  positions: u32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> dy: array<Vec>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read> starts: array<u32>;
@group(0) @binding(4) var<storage, read> ids: array<u32>;
@group(0) @binding(5) var<storage, read_write> dtable: array<Vec>;

@compute @workgroup_size(SIZE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * SIZE;
  let bucket = i / shape.width;
  if (bucket >= shape.buckets) {
    return;
  }
  let token = ids[bucket] - shape.first;
  let last = starts[bucket + 1u];
  if (token >= shape.tokens || starts[bucket] == last) {
    return;
  }
  let column = i % shape.width;
  var sum = Vec();
  for (var p = starts[bucket]; p < last; p++) {
    let position = order[p] - shape.first_position;
    if (position < shape.positions) {
      sum += dy[position * shape.width + column];
    }
  }
  dtable[token * shape.width + column] += sum;
}
