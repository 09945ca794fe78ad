/**
 * Loops over constants, written out.
 *
 * @module
 */

/** `for (var i = 0u; i < BOUND; i++) {`, of which the counter and the bound are captured. */
const LOOP = /for \(var (\w+) = 0u; \1 < (\w+); \1\+\+\) \{/;

/**
 * Writes the turns of loops in a kernel's text one after the other: of those that count from `0u` up to one of the
 * named bounds, `for (var i = 0u; i < BOUND; i++) { ... }`. The counter becomes a number in each turn.
 *
 * Deno's shader compiler gives every loop a second counter that ends it in any case, and behind that drivers do not see
 * how many turns there are: private arrays that a loop indexes then lie in memory instead of registers. Software
 * adapters want the loops, which compile faster.
 *
 * @param bounds How many turns each bound stands for.
 * @throws {RangeError} If a bound has no loop, or a loop's braces do not match.
 */
export function unroll(source: string, bounds: Readonly<Record<string, number>>): string {
  const found = new Set(Array.from(source.matchAll(new RegExp(LOOP, "g")), ([, , bound]) => bound));
  const unused = Object.keys(bounds).find((bound) => !found.has(bound));
  if (unused !== undefined) {
    throw new RangeError(`Cannot unroll: '${unused}' must bound a loop that counts from 0u, found none in the text`);
  }
  return written(source, bounds);
}

function written(source: string, bounds: Readonly<Record<string, number>>): string {
  const loop = LOOP.exec(source);
  if (!loop) return source;
  const [head, counter, bound] = loop;
  const begin = loop.index + head.length;
  const end = closing(source, begin);
  const body = written(source.slice(begin, end), bounds);
  const turns = bounds[bound!];
  const text = turns === undefined
    ? `${head}${body}}`
    : Array.from({ length: turns }, (_, turn) =>
      `{${body.replaceAll(new RegExp(`\\b${counter}\\b`, "g"), `${turn}u`)}}`)
      .join("\n");
  return source.slice(0, loop.index) + text + written(source.slice(end + 1), bounds);
}

/** Where the brace closes that was opened before `begin`. */
function closing(source: string, begin: number): number {
  for (let at = begin, open = 1; at < source.length; at++) {
    if (source[at] === "{") open++;
    if (source[at] === "}" && --open === 0) return at;
  }
  throw new RangeError("Cannot unroll: every loop must end with a closing brace, found the end of the text");
}
