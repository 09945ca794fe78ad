// A row for each workgroup, for hardware: invocations take every STEP-th column, and their values are joined in a tree
// of fixed shape. The kernel defines `join`; all invocations must call `reduced`, and rows end for all of them at once.
const STEP = SIZE;
var<workgroup> tree: array<vec2f, SIZE>;

fn row_of(group: u32, index: u32) -> u32 {
  return group;
}

fn column_of(index: u32) -> u32 {
  return index;
}

fn reduced(value: vec2f, index: u32) -> vec2f {
  workgroupBarrier(); // the result of an earlier call may still be wanted
  tree[index] = value;
  for (var reach = SIZE / 2u; reach > 0u; reach /= 2u) {
    workgroupBarrier();
    if (index < reach) {
      tree[index] = join(tree[index], tree[index + reach]);
    }
  }
  workgroupBarrier();
  return tree[0];
}
