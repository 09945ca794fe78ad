/**
 * How two environments differ.
 *
 * @module
 */

import { shortHash } from "../data/hash.ts";
import type { Environment } from "./manifest.ts";

/** One thing that is not as it was where something was packed. */
export interface EnvironmentDifference {
  /** What differs. */
  readonly what: "lock file" | "commit" | "Deno" | "device kind" | "device";
  /** The line that says it. */
  readonly text: string;
  /** Whether repeating it here needs to be insisted on. */
  readonly refused: boolean;
}

/**
 * Lists what is not as it was. Another lock file means other code underneath, so that nothing can be said of numbers
 * that differ; all else is worth a warning.
 *
 * @param there As the package has it.
 * @param here As it is now.
 */
export function differencesBetween(there: Environment, here: Environment): EnvironmentDifference[] {
  const found: EnvironmentDifference[] = [];
  const compare = (what: EnvironmentDifference["what"], before?: string, now?: string, refused = false) => {
    if (before === now) return;
    const text = `another ${what}: ${before ?? "unknown"} there, ${now ?? "unknown"} here`;
    found.push({ what, text, refused });
  };
  compare("lock file", there.lock && shortHash(there.lock), here.lock && shortHash(here.lock), true);
  compare("commit", commitOf(there), commitOf(here));
  if (there.dirty && here.dirty) {
    found.push({
      what: "commit",
      text: "uncommitted changes there and here, which nobody can compare",
      refused: false,
    });
  }
  compare("Deno", there.deno, here.deno);
  compare("device kind", there.device?.kind, here.device?.kind);
  if (there.device?.kind === here.device?.kind) compare("device", there.device?.name, here.device?.name);
  return found;
}

function commitOf({ commit, dirty }: Environment): string | undefined {
  return commit && `${commit.slice(0, 12)}${dirty ? " with changes" : ""}`;
}
