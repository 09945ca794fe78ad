// A kernel for software is three texts: its own says how the ROWS neighbouring rows that an invocation owns are loaded
// (begin), what meeting a row does to them (attend) and how results are stored (end); keys.wgsl or queries.wgsl says
// which rows are met (met), where the two halves of a row lie (sources, left, right) and where they are kept meanwhile
// (take, meet); this one walks over them.
//
// Walks over the rows to meet with neither barriers nor workgroup memory, for software adapters. Neighbouring
// invocations take the same rows of different heads, so that the lanes of a vector end together.
//
// On Mesa's software Vulkan a load of a buffer inside a loop is a branch for each lane and value, also where all lanes
// load the same; such loads cost most of the time, to compile and to run. So each met row serves ROWS owned rows, and
// the text has few loads: rows are filled in loops whose lengths the compiler does not know (size and rows, from the
// uniform block) and used in loops of constant length (HEAD), which become straight code on fixed addresses. The latter
// come in two halves, since Mesa unrolls few turns of limited length: forward is 2.4 times as fast so with heads of
// 128.
//
// Forward at batch 8, 128 tokens, 4 heads of 32 on 2 cores, to run and to compile at first: with 1 row 6.6 ms and 130
// ms, 2 rows 4.2 and 190, 4 rows 2.3 and 290, 8 rows (generated text) 1.7 and 930. What lost: lanes along the queries
// of a head with loads unrolled, 8.6 ms and 0.7 s, or 4 s with four keys a turn; one loop over the owned rows instead
// of a call for each, 6.1 ms. Passing loaded values on through named variables instead of arrays saved a fifth, not
// worth its text.
alias Row = array<Vec, HEAD>;

fn size() -> u32 {
  return shape.size;
}

fn rows() -> u32 {
  return shape.rows;
}

@compute @workgroup_size(SIZE)
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = id.x + id.y * groups.x;
  if (group >= shape.groups) {
    return;
  }
  // Short and long blocks alternate: a driver that deals out equal ranges of workgroups deals out equal work.
  let turn = select(group / 2u, shape.groups - 1u - group / 2u, group % 2u == 1u);
  let index = turn * SIZE + lane;
  let heads = shape.batch * shape.heads;
  let p = Place(index % heads / shape.heads, index % shape.heads, index / heads * ROWS);
  if (p.first >= shape.tokens) {
    return;
  }
  begin(p);
  let span = met(p.first, ROWS);
  for (var j = span.x; j < span.y; j++) {
    let at = sources(p, j);
    for (var n = 0u; n < size(); n++) {
      take(n, left(at.x + n), right(at.y + n));
    }
    meet(p, j);
  }
  end(p);
}
