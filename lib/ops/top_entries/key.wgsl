// A whole number that is larger where the value is; both zeros are one.
fn key_of(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  if ((bits << 1u) == 0u) {
    return 0x80000000u;
  }
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}
