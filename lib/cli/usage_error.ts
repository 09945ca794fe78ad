/**
 * Errors that the user can mend, and what a task says about any error.
 *
 * @module
 */

/** Thrown for wrong usage: an unknown flag or field, a wrong type, a broken rule. A task exits with code 2. */
export class UsageError extends Error {
  /** The name that stacks and logs show. */
  override readonly name = "UsageError";
}

/** What a task leaves behind when it fails. */
export interface Failure {
  /** Exit code: 1 for a failed run, 2 for wrong usage. */
  readonly code: 1 | 2;
  /** One line, or with the stack when debugging. */
  readonly text: string;
}

/**
 * Turns whatever was thrown into an exit code and one line, `error: ...`.
 *
 * @param debug Whether to append the stack, causes included.
 */
export function describeFailure(error: unknown, debug = false): Failure {
  const message = error instanceof Error ? error.message || error.name : String(error);
  const line = `error: ${message.trim().replace(/\s*\n\s*/g, " ")}`;
  const stack = error instanceof Error ? error.stack : undefined;
  return {
    code: error instanceof UsageError ? 2 : 1,
    text: debug && stack ? `${line}\n${stack}${causes(error)}` : line,
  };
}

function causes(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause === undefined) return "";
  const text = cause instanceof Error ? cause.stack ?? cause.message : String(cause);
  return `\ncaused by ${text}${causes(cause)}`;
}
