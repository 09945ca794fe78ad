// Loads and stores of four values where every row starts at a multiple of four.
fn a4(i: u32) -> vec4f {
  return a[i / 4u];
}

fn b4(i: u32) -> vec4f {
  return b[i / 4u];
}

fn part(v: vec4f, j: u32) -> Vec {
  return v;
}

fn wide(v: Vec) -> vec4f {
  return v;
}
