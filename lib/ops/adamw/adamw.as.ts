import { madd, operand, real, UNIT_VALUES, word } from "../kernel.as";

// Operands: scalars, factor, decays, gradient, parameter, first, second.
// Words: values, 1 - beta1, 1 - beta2, epsilon, decay. Every 64 values share one decay flag.
export function adamw(p: usize, unit: u32, _scratch: usize): void {
  const start = unit * UNIT_VALUES;
  const count = min(UNIT_VALUES, word(p, 8) - start);
  const lr = load<f32>(operand(p, 0));
  const first4 = v128.load32_splat(operand(p, 0) + 4), second4 = v128.load32_splat(operand(p, 0) + 8);
  const factor = v128.load32_splat(operand(p, 1));
  const rise1 = f32x4.splat(real(p, 9)), rise2 = f32x4.splat(real(p, 10));
  const epsilon = f32x4.splat(real(p, 11)), down = f32x4.splat(-lr);
  let decays = operand(p, 2) + start / 16;
  for (let block: u32 = 0; block < count; block += 64, decays += 4) {
    const kept = f32x4.splat(<f32>1 - lr * real(p, 12) * load<f32>(decays));
    const begin: usize = 4 * (start + block);
    for (let at = begin; at < begin + 256; at += 16) {
      const g = f32x4.mul(v128.load(operand(p, 3) + at), factor);
      const m0 = v128.load(operand(p, 5) + at), v0 = v128.load(operand(p, 6) + at);
      const m = madd(rise1, f32x4.sub(g, m0), m0);
      const v = madd(rise2, f32x4.sub(f32x4.mul(g, g), v0), v0);
      v128.store(operand(p, 5) + at, m);
      v128.store(operand(p, 6) + at, v);
      const root = f32x4.add(f32x4.sqrt(f32x4.mul(v, second4)), epsilon);
      const step = f32x4.div(f32x4.mul(m, first4), root);
      const parameter = operand(p, 4) + at;
      v128.store(parameter, madd(down, step, f32x4.mul(v128.load(parameter), kept)));
    }
  }
}
