// A row for each invocation: no barriers and no workgroup memory, for software adapters. Kernels walk over a row by
// `for (var c = column_of(index); c < width; c += STEP)`.
const STEP = 1u;

fn row_of(group: u32, index: u32) -> u32 {
  return group * SIZE + index;
}

fn column_of(index: u32) -> u32 {
  return 0u;
}

// The join of the values of all invocations that share the row.
fn reduced(value: vec2f, index: u32) -> vec2f {
  return value;
}
