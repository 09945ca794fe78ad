// A Vec of a single value, for rows of any length; its only lane is the wanted one.
alias Vec = f32;
const LANES = 1u;

fn total(v: Vec) -> f32 {
  return v;
}

fn largest(v: Vec) -> f32 {
  return v;
}

fn lane(v: Vec, i: u32) -> f32 {
  return v;
}

fn one_hot(i: u32) -> Vec {
  return 1.0;
}
