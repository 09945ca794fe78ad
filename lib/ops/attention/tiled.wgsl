// Walks over the rows to meet in tiles that the workgroup loads together, for hardware. A workgroup owns SIZE * ROWS
// neighbouring rows of one head. Lengths are constants, so that private arrays can live in registers.
fn size() -> u32 {
  return HEAD;
}

fn rows() -> u32 {
  return ROWS;
}

var<workgroup> lefts: array<Vec, TILE * HEAD>;
var<workgroup> rights: array<Vec, TILE * HEAD>;

@compute @workgroup_size(SIZE)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = id.x * SIZE * ROWS;
  let p = Place(id.z, id.y, first + lane * ROWS);
  begin(p);
  let span = met(first, SIZE * ROWS);
  for (var tile = span.x; tile < span.y; tile += TILE) {
    workgroupBarrier();
    for (var n = lane; n < TILE * HEAD; n += SIZE) {
      let at = sources(p, tile + n / HEAD);
      lefts[n] = left(at.x + n % HEAD);
      rights[n] = right(at.y + n % HEAD);
    }
    workgroupBarrier();
    for (var j = 0u; j < min(TILE, span.y - tile); j++) {
      for (var n = 0u; n < HEAD; n++) {
        take(n, lefts[j * HEAD + n], rights[j * HEAD + n]);
      }
      meet(p, tile + j);
    }
  }
  end(p);
}
