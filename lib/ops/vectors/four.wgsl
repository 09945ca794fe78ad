// A Vec of four values, for rows whose length is a multiple of four.
alias Vec = vec4f;
const LANES = 4u;

fn total(v: Vec) -> f32 {
  return (v.x + v.y) + (v.z + v.w);
}

fn largest(v: Vec) -> f32 {
  return max(max(v.x, v.y), max(v.z, v.w));
}

fn lane(v: Vec, i: u32) -> f32 {
  return dot(v, one_hot(i));
}

fn one_hot(i: u32) -> Vec {
  return vec4f(vec4u(i) == vec4u(0u, 1u, 2u, 3u));
}
