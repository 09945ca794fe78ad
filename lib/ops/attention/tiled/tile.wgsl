// What the kernels for hardware share: the tile of met rows that a workgroup loads together.
//
// An invocation owns a part of ROWS rows of one head, SLICE of their HEAD vectors, in registers: ROWS * SLICE is what
// registers hold, more rows share each read of the tile, and more parts leave room for rows and give more invocations.
// Rows are met MEET at a time, so that there is independent work while sums and exponentials are under way. A subgroup
// owns one part of different rows, thus all its lanes read the same address of the tile.
//
// Indices into private arrays are literals once loops are written out (unroll.ts), which keeps the arrays in registers.
// Sums that start anew in a loop say so (var x = T()): the compiler clears a variable without a value once a call.
// The tile is nested, so that of its indices too only the outermost vary, and are clamped once instead of at each read.
alias Tile = array<array<array<array<Vec, SLICE>, PARTS>, MEET>, BLOCKS>;
var<workgroup> lefts: Tile;
var<workgroup> rights: Tile;

// Each part's products of owned and met rows, which only their sum over the parts makes scores. Successive blocks take
// turns with BUFFERS of them: a barrier between writing and reading is enough.
var<workgroup> shares: array<array<array<array<array<Share, SHARERS>, PARTS>, ROWS>, MEET>, BUFFERS>;

// The next tile, on its way while this one is met: with few subgroups at work, nothing else hides how long it takes.
var<private> next_lefts: array<Vec, TURNS>;
var<private> next_rights: array<Vec, TURNS>;

fn fetch(p: Place, tile: u32, lane: u32) {
  for (var turn = 0u; turn < TURNS; turn++) {
    let i = lane + turn * OWNERS * PARTS;
    next_lefts[turn] = left(p, tile + i / HEAD, i % HEAD);
    next_rights[turn] = right(p, tile + i / HEAD, i % HEAD);
  }
}

fn store(lane: u32) {
  for (var turn = 0u; turn < TURNS; turn++) {
    let i = lane + turn * OWNERS * PARTS;
    if (i < MEET * BLOCKS * HEAD) {
      let row = i / HEAD;
      let n = i % HEAD;
      lefts[row / MEET][row % MEET][n / SLICE][n % SLICE] = next_lefts[turn];
      rights[row / MEET][row % MEET][n / SLICE][n % SLICE] = next_rights[turn];
    }
  }
}

// Blocks of the tile at `tile` that begin before `end`.
fn blocks_until(tile: u32, end: u32) -> u32 {
  return min(BLOCKS, (end - tile + MEET - 1u) / MEET);
}
