// For products whose C is a preactivation: a further binding receives its gelu.
@group(0) @binding(6) var<storage, read_write> activated: array<Vec>;

fn activate(i: u32, value: Vec) {
  activated[i] = part(gelu(wide(value)), 0u);
}
