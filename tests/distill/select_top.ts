import type { Entries } from "../../lib/distill/store/records.ts";

/** Writes the `k` most likely tokens of a distribution in order, of equals the first, and the rest of the mass. */
export function selectTop(probabilities: Float32Array, k: number, { ids, masses }: Entries): void {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
  ids.set(order.slice(0, k));
  masses.set(order.slice(0, k).map((id) => probabilities[id]!));
  masses[k] = order.slice(k).reduce((sum, id) => sum + probabilities[id]!, 0);
}
