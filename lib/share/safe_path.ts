/**
 * Paths that a package may name.
 *
 * @module
 */

/**
 * Tells whether a path stays in the folder that it is unpacked into, on every system: names joined by `/`, none of them
 * empty, `.` or `..`, without backslashes, control characters and a drive's letter.
 */
export function isSafePath(path: string): boolean {
  // deno-lint-ignore no-control-regex
  if (/^[a-z]:|[\\\u0000-\u001f]/i.test(path)) return false;
  return path.split("/").every((name) => name !== "" && name !== "." && name !== "..");
}
