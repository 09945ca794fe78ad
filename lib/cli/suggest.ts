/**
 * The nearest known name for a misspelt one.
 *
 * @module
 */

/** A known name with what it means. */
export interface Described {
  /** The name. */
  readonly name: string;
  /** What it means, as a phrase. */
  readonly description: string;
}

/**
 * Returns the known name that was probably meant, or undefined when none is near.
 *
 * Near is an edit distance (swapped neighbours count once; Damerau 1964) of at most a third of the longer name,
 * regardless of case and dashes; else one name beginning with the other, as `batch-size` for `batch`; else a
 * description with all the words, as `learning-rate` for `lr`, "peak learning rate".
 */
export function suggest(name: string, known: readonly Described[]): string | undefined {
  const asked = plain(name);
  let best: string | undefined;
  let least = Infinity;
  for (const { name: candidate } of known) {
    const other = plain(candidate);
    const distance = editDistance(asked, other);
    if (distance < least && distance * 3 <= Math.max(asked.length, other.length)) {
      best = candidate;
      least = distance;
    }
  }
  const words = name.split(/[-_]|(?=[A-Z])/).map((word) => word.toLowerCase());
  const alike = best ?? known.find((each) => begins(asked, plain(each.name)))?.name;
  return alike ?? known.find(({ description }) => words.every((word) => description.split(/\W+/).includes(word)))?.name;
}

function begins(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= 3 && (a.startsWith(b) || b.startsWith(a));
}

function plain(name: string): string {
  return name.replaceAll("-", "").replaceAll("_", "").toLowerCase();
}

function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(row[j - 1]! + 1, previous[j]! + 1, substitution);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, older[j - 2]! + 1);
    }
    older = previous;
    previous = row;
  }
  return previous[b.length]!;
}
