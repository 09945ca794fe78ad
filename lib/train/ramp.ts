/**
 * Numbers that stay as they are or move over the steps with the teacher.
 *
 * @module
 */

/** A number, or the text `from:to` of one that moves linearly from the first step with the teacher to the last. */
export type Ramp = number | string;

const FORM = /^(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?:(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;

/** Tells whether a text has the form of a ramp; numbers in it have no sign. */
export function isRamp(text: string): boolean {
  return FORM.test(text);
}

/** Returns where a ramp begins and where it ends. */
export function endsOf(ramp: Ramp): { readonly from: number; readonly to: number } {
  if (typeof ramp === "number") return { from: ramp, to: ramp };
  const [from, to] = ramp.split(":").map(Number) as [number, number];
  return { from, to };
}

/** Tells whether a ramp has another value at its end than at its beginning. */
export function moves(ramp: Ramp): boolean {
  const { from, to } = endsOf(ramp);
  return from !== to;
}

/**
 * Returns a ramp's value.
 *
 * @param progress From 0, the beginning, to 1, the end; there the values are the given ones to the last bit.
 */
export function rampAt(ramp: Ramp, progress: number): number {
  const { from, to } = endsOf(ramp);
  return moves(ramp) ? from * (1 - progress) + to * progress : from;
}
