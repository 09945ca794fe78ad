import { madd, operand, real, word } from "../kernel.as";
import { exp4 } from "../simd/exp.as";
import { total } from "../simd/lanes.as";
import { log, log4 } from "../simd/log.as";
import { largestOf, sumExponentials } from "../simd/rows.as";

const IGNORED: u32 = 0xffffffff;
const LOWEST: f32 = -1e30; // below any logit, yet finite

// Logits of teacher and student become log p = cool t - P and log q = cool z - Q.
let cool: f32 = 1;
let shiftP: f32 = 0;
let shiftQ: f32 = 0;
let mixed: bool = false;
let forward: f32 = 1;
let reverse: f32 = 0;

// Four values, or those that are left of a row and values of no probability.
// @ts-ignore: decorator
@inline
function lanesAt(at: usize, left: u32): v128 {
  if (left >= 4) return v128.load(at);
  let v = f32x4.splat(LOWEST);
  v = f32x4.replace_lane(v, 0, load<f32>(at));
  if (left > 1) v = f32x4.replace_lane(v, 1, load<f32>(at, 4));
  if (left > 2) v = f32x4.replace_lane(v, 2, load<f32>(at, 8));
  return v;
}

// @ts-ignore: decorator
@inline
function keep(at: usize, v: v128, left: u32): void {
  if (left >= 4) return v128.store(at, v);
  store<f32>(at, f32x4.extract_lane(v, 0));
  if (left > 1) store<f32>(at, f32x4.extract_lane(v, 1), 4);
  if (left > 2) store<f32>(at, f32x4.extract_lane(v, 2), 8);
}

// log(first + (1 - first) e^-|r|) of r = log p - log q, where first is the share of the larger one: what the larger one
// is below its mixture.
// @ts-ignore: decorator
@inline
function belowMixture(r: v128, teacherLarger: v128): v128 {
  const small = exp4(f32x4.neg(f32x4.abs(r)));
  const first = v128.bitselect(f32x4.splat(forward), f32x4.splat(reverse), teacherLarger);
  return log4(madd(f32x4.sub(f32x4.splat(1), first), small, first));
}

// The losses of each row of student's and teacher's logits, and with `gradient` the student's replaced by the gradient
// of scale (alpha cross-entropy + beta T^2 divergence). p is the teacher's distribution at temperature T, q the student's.
// Operands: targets, coefficients, student, teacher, losses, entropies, divergences. Words: rows, width, gradient, mixed,
// forward, reverse, scale, rows of a unit.
export function distillationRows(p: usize, unit: u32, _scratch: usize): void {
  const width = word(p, 9), most = word(p, 15);
  const first = unit * most, last = min(word(p, 8), first + most);
  const gradient = word(p, 10) != 0;
  mixed = word(p, 11) != 0;
  forward = real(p, 12);
  reverse = real(p, 13);
  const alpha = load<f32>(operand(p, 1)), beta = load<f32>(operand(p, 1) + 4);
  const temperature = load<f32>(operand(p, 1) + 8), scale = real(p, 14);
  cool = <f32>1 / temperature;
  for (let row = first; row < last; row++) {
    const student = operand(p, 2) + 4 * width * row, teacher = operand(p, 3) + 4 * width * row;
    const at: usize = 4 * row;
    const target = load<u32>(operand(p, 0) + at);
    if (target == IGNORED) {
      for (let i: usize = 4; i < 7; i++) store<f32>(operand(p, i) + at, 0);
      if (gradient) memory.fill(student, 0, 4 * width);
      continue;
    }
    const top = largestOf(student, width), teacherTop = largestOf(teacher, width);
    const normaliser = top + log(sumExponentials(student, width, 1, -top));
    shiftQ = cool * top + log(sumExponentials(student, width, cool, -cool * top));
    shiftP = cool * teacherTop + log(sumExponentials(teacher, width, cool, -cool * teacherTop));
    const sums = diverge(student, teacher, width);
    const backward = f32x4.extract_lane(sums, 1);
    const divergence = forward * f32x4.extract_lane(sums, 0) + reverse * backward;
    const entropy = normaliser - load<f32>(student + 4 * target);
    store<f32>(operand(p, 4) + at, alpha * entropy + beta * temperature * temperature * divergence);
    store<f32>(operand(p, 5) + at, entropy);
    store<f32>(operand(p, 6) + at, divergence);
    if (!gradient) continue;
    const hard = scale * alpha;
    differentiate(student, teacher, width, normaliser, backward, hard, scale * beta * temperature);
    store<f32>(student + 4 * target, load<f32>(student + 4 * target) - hard);
  }
}

// Lane 0: the sum of p log(p/x), lane 1: of q log(q/x), where x is the other distribution or the mixture.
function diverge(student: usize, teacher: usize, width: u32): v128 {
  const cools = f32x4.splat(cool), shiftsP = f32x4.splat(-shiftP), shiftsQ = f32x4.splat(-shiftQ);
  let forwards = f32x4.splat(0), reverses = f32x4.splat(0);
  for (let i: u32 = 0; i < width; i += 4) {
    const logP = madd(lanesAt(teacher + 4 * i, width - i), cools, shiftsP);
    const logQ = madd(lanesAt(student + 4 * i, width - i), cools, shiftsQ);
    const r = f32x4.sub(logP, logQ);
    let ofP = r, ofQ = f32x4.neg(r);
    if (mixed) {
      const teacherLarger = f32x4.gt(r, f32x4.splat(0));
      const below = belowMixture(r, teacherLarger);
      ofP = f32x4.sub(v128.andnot(r, teacherLarger), below);
      ofQ = f32x4.neg(f32x4.add(v128.and(r, teacherLarger), below));
    }
    forwards = madd(exp4(logP), ofP, forwards);
    reverses = madd(exp4(logQ), ofQ, reverses);
  }
  return f32x4.replace_lane(f32x4.splat(total(forwards)), 1, total(reverses));
}

// Replaces logits by hard softmax(z) + soft slope, where slope is the divergence's gradient with respect to z / T.
function differentiate(
  student: usize,
  teacher: usize,
  width: u32,
  normaliser: f32,
  backward: f32,
  hard: f32,
  soft: f32,
): void {
  const cools = f32x4.splat(cool), shiftsP = f32x4.splat(-shiftP), shiftsQ = f32x4.splat(-shiftQ);
  const forwards = f32x4.splat(forward), reverses = f32x4.splat(reverse), mean = f32x4.splat(backward);
  for (let i: u32 = 0; i < width; i += 4) {
    const left = width - i;
    const z = lanesAt(student + 4 * i, left);
    const logP = madd(lanesAt(teacher + 4 * i, left), cools, shiftsP);
    const logQ = madd(z, cools, shiftsQ);
    const r = f32x4.sub(logP, logQ), q = exp4(logQ);
    let slope: v128;
    if (mixed) {
      const teacherLarger = f32x4.gt(r, f32x4.splat(0));
      const below = belowMixture(r, teacherLarger);
      const ofQ = f32x4.neg(f32x4.add(v128.and(r, teacherLarger), below));
      slope = f32x4.mul(f32x4.mul(reverses, q), f32x4.sub(ofQ, mean));
    } else {
      slope = f32x4.mul(forwards, f32x4.sub(q, exp4(logP)));
      slope = madd(f32x4.mul(reverses, q), f32x4.neg(f32x4.add(r, mean)), slope);
    }
    const s = exp4(f32x4.sub(z, f32x4.splat(normaliser)));
    keep(student + 4 * i, madd(s, f32x4.splat(hard), f32x4.mul(slope, f32x4.splat(soft))), left);
  }
}
