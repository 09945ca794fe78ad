/**
 * AdamW once more, in double precision and one parameter at a time (Loshchilov & Hutter 2019, algorithm 2): the oracle
 * of training steps.
 *
 * @module
 */
import type { ParameterValues } from "../../lib/model/parameters.ts";

/** The constants that Pythia was trained with. */
export const constants = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };

type Values = Map<string, Float64Array>;

/** Parameters and running means by Hugging Face name. */
export class AdamW {
  readonly parameters: Values;
  readonly first: Values;
  readonly second: Values;
  readonly #clip: number;

  constructor(parameters: ParameterValues, clip: number) {
    const zeros = () => new Map([...parameters].map(([name, { length }]) => [name, new Float64Array(length)]));
    this.parameters = new Map([...parameters].map(([name, values]) => [name, Float64Array.from(values)]));
    this.first = zeros();
    this.second = zeros();
    this.#clip = clip;
  }

  /** Takes one step and returns the gradient's global norm before clipping. */
  update(gradients: ParameterValues, lr: number, step: number): number {
    const { beta1, beta2, epsilon, weightDecay } = constants;
    const norm = Math.hypot(...[...gradients.values()].flatMap((values) => [...values]));
    const factor = Math.min(1, this.#clip / norm);
    for (const [name, p] of this.parameters) {
      const m = this.first.get(name)!, v = this.second.get(name)!;
      const decay = /(bias|norm\.weight)$/.test(name) ? 0 : weightDecay;
      gradients.get(name)!.forEach((gradient, i) => {
        const g = factor * gradient;
        m[i] = beta1 * m[i]! + (1 - beta1) * g;
        v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
        const direction = m[i]! / (1 - beta1 ** step) / (Math.sqrt(v[i]! / (1 - beta2 ** step)) + epsilon);
        p[i]! -= lr * (direction + decay * p[i]!);
      });
    }
    return norm;
  }

  /** Values as a device holds them. */
  rounded(of: "parameters" | "first" | "second"): ParameterValues {
    return new Map([...this[of]].map(([name, values]) => [name, Float32Array.from(values)]));
  }
}
