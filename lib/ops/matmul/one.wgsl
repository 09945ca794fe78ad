// Loads and stores of four values one by one, where rows start anywhere.
fn a4(i: u32) -> vec4f {
  return vec4f(a[i], a[i + 1u], a[i + 2u], a[i + 3u]);
}

fn b4(i: u32) -> vec4f {
  return vec4f(b[i], b[i + 1u], b[i + 2u], b[i + 3u]);
}

fn part(v: vec4f, j: u32) -> Vec {
  return v[j];
}

fn wide(v: Vec) -> vec4f {
  return vec4f(v);
}
