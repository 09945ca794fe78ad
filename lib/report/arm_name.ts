/**
 * Names of a study's arms, as charts and tables read them: a start, and after a plus how it is taught.
 *
 * @module
 */

/** Returns where an arm's students begin: `prefix` of `prefix+online`. */
export function startOf(arm: string): string {
  return arm.split("+")[0]!;
}

/** Returns how an arm is taught: `online` of `prefix+online`; nothing where it is by the text alone. */
export function lessonOf(arm: string): string | undefined {
  return arm.split("+")[1];
}
