/**
 * Names of directories on a page.
 *
 * @module
 */

/** Returns the shortest end of each path, in whole names, that no other path has; equal paths have equal ends. */
export function labelsOf(paths: readonly string[]): string[] {
  const names = paths.map((path) => path.split("/").filter((name) => name !== "" && name !== "."));
  return names.map((own, i) => {
    const ends = (depth: number) =>
      names.filter((_, j) => paths[j] !== paths[i]).map((other) => other.slice(-depth).join("/"));
    let depth = 1;
    while (depth < own.length && ends(depth).includes(own.slice(-depth).join("/"))) depth++;
    return own.slice(-depth).join("/") || paths[i]!;
  });
}

/** Returns one name for several: what they begin and end with, and a star for what differs. */
export function commonLabel(labels: readonly string[]): string {
  const [first, ...others] = labels;
  if (first === undefined || others.length === 0) return first ?? "";
  const shortest = Math.min(...labels.map((label) => label.length));
  let head = 0, tail = 0;
  while (head < shortest && others.every((other) => other[head] === first[head])) head++;
  while (tail < shortest - head && others.every((other) => other.at(-1 - tail) === first.at(-1 - tail))) tail++;
  return head + tail === 0 ? `${first} and others` : `${first.slice(0, head)}*${first.slice(first.length - tail)}`;
}
