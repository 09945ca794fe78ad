import { madd, operand, real, word } from "../kernel.as";
import { exp4 } from "../simd/exp.as";
import { log } from "../simd/log.as";
import { exponentiate, largestOf, multiplyRow, sumExponentials } from "../simd/rows.as";

const IGNORED: u32 = 0xffffffff;
const LOWEST: f32 = -1e30; // below any logit, yet finite

// @ts-ignore: decorator
@inline
function exp(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

// The losses of each row of the student's logits against a few of the teacher's probabilities, and with `gradient` the
// logits replaced by the gradient of scale (alpha cross-entropy + beta T^2 divergence). Entries are the tokens whose p is
// not 0; all others are outside, one bucket of mass r. q is the student's distribution at temperature T.
// Operands: targets, coefficients, student, ids, masses, kept, losses, entropies, divergences. Words: rows, width,
// entries, gradient, scale, rows of a unit.
export function sparseDistillationRows(p: usize, unit: u32, _scratch: usize): void {
  const width = word(p, 11), entries = word(p, 12), most = word(p, 15);
  const first = unit * most, last = min(word(p, 10), first + most);
  const gradient = word(p, 13) != 0, scale = real(p, 14);
  const alpha = load<f32>(operand(p, 1)), beta = load<f32>(operand(p, 1) + 4);
  const temperature = load<f32>(operand(p, 1) + 8), cool: f32 = <f32>1 / temperature;
  for (let row = first; row < last; row++) {
    const logits = operand(p, 2) + 4 * width * row, at: usize = 4 * row;
    const target = load<u32>(operand(p, 0) + at);
    if (target == IGNORED) {
      for (let i: usize = 6; i < 9; i++) store<f32>(operand(p, i) + at, 0);
      if (gradient) memory.fill(logits, 0, 4 * width);
      continue;
    }
    const wanted = load<f32>(logits + 4 * target);
    const ids = operand(p, 3) + 4 * entries * row, kept = operand(p, 5) + 4 * entries * row;
    const masses = operand(p, 4) + 4 * (entries + 1) * row;
    const mass = takeOut(logits, ids, masses, kept, entries);

    const top = largestOf(logits, width);
    const even = cool == 1;
    const sum = even && gradient
      ? exponentiate(logits, width, 1, -top)
      : sumExponentials(logits, width, 1, -top);
    const coolSum = even ? sum : sumExponentials(logits, width, cool, -cool * top);
    const normaliser = normalise(kept, masses, entries, 1, top, sum);
    const normaliserQ = even ? normaliser : normalise(kept, masses, entries, cool, cool * top, coolSum);
    const outside = cool * top + log(coolSum);
    // Where every token is an entry, nothing is left for the rest.
    const rest: f32 = top == LOWEST ? 0 : load<f32>(masses + 4 * entries);

    let divergence: f32 = rest > 0 ? rest * (log(rest) - (outside - normaliserQ)) : 0;
    for (let i: u32 = 0; i < entries; i++) {
      const mine = load<f32>(masses + 4 * i);
      if (mine > 0) divergence += mine * (log(mine) - (cool * load<f32>(kept + 4 * i) - normaliserQ));
    }
    const entropy = normaliser - wanted;
    store<f32>(operand(p, 6) + at, alpha * entropy + beta * temperature * temperature * divergence);
    store<f32>(operand(p, 7) + at, entropy);
    store<f32>(operand(p, 8) + at, divergence);
    if (!gradient) continue;

    const hard = scale * alpha, soft = scale * beta * temperature, everything = mass + rest;
    // With q outside as a share of all of q outside, no quotient of two tiny numbers is left.
    const pull = soft * (everything * exp(outside - normaliserQ) - rest);
    if (even) multiplyRow(logits, width, hard * exp(top - normaliser) + pull / sum);
    else differentiate(logits, width, cool, normaliser, hard, outside, pull);
    store<f32>(logits + 4 * target, load<f32>(logits + 4 * target) - hard);
    for (let i: u32 = 0; i < entries; i++) {
      const mine = load<f32>(masses + 4 * i);
      if (!(mine > 0)) continue;
      const z = load<f32>(kept + 4 * i), to = logits + 4 * load<u32>(ids + 4 * i);
      const slope = hard * exp(z - normaliser) + soft * (everything * exp(cool * z - normaliserQ) - mine);
      store<f32>(to, load<f32>(to) + slope);
    }
  }
}

// Keeps the entries' logits apart and puts the lowest one in their place; returns the entries' mass.
function takeOut(logits: usize, ids: usize, masses: usize, kept: usize, entries: u32): f32 {
  let mass: f32 = 0;
  for (let i: u32 = 0; i < entries; i++) {
    const mine = load<f32>(masses + 4 * i);
    if (!(mine > 0)) continue;
    const from = logits + 4 * load<u32>(ids + 4 * i);
    mass += mine;
    store<f32>(kept + 4 * i, load<f32>(from));
    store<f32>(from, LOWEST);
  }
  return mass;
}

// The logarithm of the sum of exponentials of all logits times `cool`: of the entries, and of the others, which are
// `sum` exp(`top`).
function normalise(kept: usize, masses: usize, entries: u32, cool: f32, top: f32, sum: f32): f32 {
  let largest = top;
  for (let i: u32 = 0; i < entries; i++) {
    if (load<f32>(masses + 4 * i) > 0) largest = max(largest, cool * load<f32>(kept + 4 * i));
  }
  let all = sum * exp(top - largest);
  for (let i: u32 = 0; i < entries; i++) {
    if (load<f32>(masses + 4 * i) > 0) all += exp(cool * load<f32>(kept + 4 * i) - largest);
  }
  return largest + log(all);
}

// Replaces logits by hard softmax(z) + pull softmax(z / T) of what lies outside.
function differentiate(
  logits: usize,
  width: u32,
  cool: f32,
  normaliser: f32,
  hard: f32,
  outside: f32,
  pull: f32,
): void {
  const four = logits + 4 * (width & ~3), end = logits + 4 * width;
  const cools = f32x4.splat(cool), hards = f32x4.splat(hard), pulls = f32x4.splat(pull);
  const shifts = f32x4.splat(-normaliser), outsides = f32x4.splat(-outside);
  for (let at = logits; at < four; at += 16) {
    const z = v128.load(at);
    const s = f32x4.mul(exp4(f32x4.add(z, shifts)), hards);
    v128.store(at, madd(exp4(madd(z, cools, outsides)), pulls, s));
  }
  for (let at = four; at < end; at += 4) {
    const z = load<f32>(at);
    store<f32>(at, hard * exp(z - normaliser) + pull * exp(cool * z - outside));
  }
}
