// gelu and its derivative on four values. WGSL has no erf: this one is Abramowitz and Stegun 7.1.26, absolute error
// below 1.5e-7. The argument of tanh is clamped, since some drivers compute tanh of a large value as inf / inf.
fn erf4(x: vec4f) -> vec4f {
  let a = abs(x);
  let t = 1.0 / fma(vec4f(0.3275911), a, vec4f(1.0));
  var p = vec4f(1.061405429);
  p = fma(p, t, vec4f(-1.453152027));
  p = fma(p, t, vec4f(1.421413741));
  p = fma(p, t, vec4f(-0.284496736));
  p = fma(p, t, vec4f(0.254829592));
  return sign(x) * (1.0 - p * t * exp(-a * a));
}

fn gelu_tanh(x: vec4f) -> vec4f {
  return tanh(clamp(0.7978845608 * fma(0.044715 * x * x, x, x), vec4f(-15.0), vec4f(15.0)));
}

fn gelu(x: vec4f) -> vec4f {
  if (ERF) {
    return 0.5 * x * (1.0 + erf4(x * 0.70710678));
  }
  return 0.5 * x * (1.0 + gelu_tanh(x));
}

fn gelu_slope(x: vec4f) -> vec4f {
  if (ERF) {
    return 0.5 * (1.0 + erf4(x * 0.70710678)) + x * 0.39894228 * exp(-0.5 * x * x);
  }
  let t = gelu_tanh(x);
  return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * 0.7978845608 * fma(vec4f(0.134145), x * x, vec4f(1.0));
}
