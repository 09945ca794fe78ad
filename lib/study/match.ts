/**
 * How many times fewer tokens and FLOPs a run needs than a reference to reach the same loss.
 *
 * @module
 */

/** A model after a budget: what was spent, and the loss that was reached. */
export interface Outcome {
  /** Tokens trained on. */
  readonly tokens: number;
  /** FLOPs spent on it, all parts of the method included. */
  readonly flops: number;
  /** Held-out loss, in nats a token. */
  readonly loss: number;
}

/** What the reference needs for a loss. */
export interface Needed {
  /** Tokens. */
  readonly tokens: number;
  /** FLOPs. */
  readonly flops: number;
  /**
   * Where the loss lies outside the reference's curve: `at_least` if even the largest budget does not reach it,
   * `at_most` if the smallest one is already below it. Tokens and FLOPs are then those of that budget.
   */
  readonly bound?: "at_least" | "at_most";
}

/** Multipliers of one budget; above 1 the run needs less than the reference. */
export interface Match {
  /** Tokens of the reference to the same loss, over the run's own. */
  readonly tokens: number;
  /** FLOPs of the reference to the same loss, over all that the run spent. */
  readonly flops: number;
  /** Which side the true multipliers lie on, where the reference's curve ends before the loss. */
  readonly bound?: Needed["bound"];
}

/**
 * Returns what a reference needs to reach a loss: between two of its budgets by a straight line of the loss over the
 * logarithm of tokens. A budget that ends above a smaller one counts for nothing, as nobody would spend it.
 *
 * @param reference Outcomes of different budgets; at least one.
 * @throws {RangeError} If there is none.
 */
export function neededFor(loss: number, reference: readonly Outcome[]): Needed {
  const curve = fallingPart(reference);
  const first = curve[0];
  if (!first) {
    throw new RangeError("Cannot match a loss: the reference must have an outcome, found none; train it first");
  }
  if (loss > first.loss) return { tokens: first.tokens, flops: first.flops, bound: "at_most" };
  const after = curve.findIndex((outcome) => outcome.loss <= loss);
  if (after < 0) {
    const { tokens, flops } = curve.at(-1)!;
    return { tokens, flops, bound: "at_least" };
  }
  const high = curve[Math.max(0, after - 1)]!, low = curve[after]!;
  const share = high === low ? 1 : (high.loss - loss) / (high.loss - low.loss);
  const between = (a: number, b: number) => Math.exp(Math.log(a) + share * (Math.log(b) - Math.log(a)));
  return { tokens: between(high.tokens, low.tokens), flops: between(high.flops, low.flops) };
}

/** Compares a run with what the reference needs for its loss. */
export function matchOf(run: Outcome, reference: readonly Outcome[]): Match {
  const { tokens, flops, bound } = neededFor(run.loss, reference);
  return { tokens: tokens / run.tokens, flops: flops / run.flops, ...(bound && { bound }) };
}

function fallingPart(outcomes: readonly Outcome[]): Outcome[] {
  const falling: Outcome[] = [];
  for (const outcome of outcomes.toSorted((a, b) => a.tokens - b.tokens)) {
    if (outcome.loss < (falling.at(-1)?.loss ?? Infinity)) falling.push(outcome);
  }
  return falling;
}
