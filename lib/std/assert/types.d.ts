/** A class, abstract or not, whose instances are `T`; its constructor's parameters do not matter to an assertion. */
type ClassOf<T> = abstract new (...parameters: never[]) => T;

/** Error thrown when an assertion fails. */
export class AssertionError extends Error {
  /** Creates the error with the failed assertion's message. */
  constructor(message: string, options?: ErrorOptions);
}

/** Throws unless `expr` is truthy, and narrows it. */
export function assert(expr: unknown, msg?: string): asserts expr;

/** Throws unless `expr` is falsy, and narrows it. */
export function assertFalse(expr: unknown, msg?: string): asserts expr is false | 0 | 0n | "" | null | undefined;

/** Throws unless the two values are deeply equal; the message shows where they differ. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void;

/** Throws if the two values are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void;

/** Throws unless the two values are the same by `Object.is`, and narrows `actual`. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T;

/** Throws if the two values are the same by `Object.is`. */
export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void;

/**
 * Throws unless the two numbers differ by at most `tolerance`.
 *
 * The default tolerance is 1e-7 times the magnitude of `expected`.
 */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void;

/** Throws unless `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void;

/** Throws unless `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void;

/** Throws unless `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void;

/** Throws unless `actual <= expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void;

/** Throws if `actual` is null or undefined, and narrows it. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T>;

/** Throws unless `actual` is an instance of `expectedType`, and narrows it. */
export function assertInstanceOf<T>(actual: unknown, expectedType: ClassOf<T>, msg?: string): asserts actual is T;

/** Throws unless `error` is an error of the class given, with `msgMatches` in its message, and narrows it. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: ClassOf<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E;

/** Throws unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void;

/** Throws unless `actual` matches the regular expression. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void;

/** Throws if `actual` matches the regular expression. */
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void;

/** Throws unless `actual` contains every value in `expected`, by deep equality. */
export function assertArrayIncludes<T>(actual: ArrayLike<T>, expected: ArrayLike<T>, msg?: string): void;

/** Throws unless every property of `expected` is in `actual` with a deeply equal value. */
export function assertObjectMatch(
  actual: object,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void;

/** Throws unless `fn` throws, and returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Throws unless `fn` throws an error of the class given with `msgIncludes` in its message, and returns that error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ClassOf<E>,
  msgIncludes?: string,
  msg?: string,
): E;

/** Rejects unless the promise that `fn` returns is rejected, and resolves to the reason. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Rejects unless the promise is rejected with an error of the class given, and resolves to that error. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ClassOf<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;

/** Reports whether two values are deeply equal, as `assertEquals` sees it. */
export function equal(a: unknown, b: unknown): boolean;

/** Throws an `AssertionError` with the message given. */
export function fail(msg?: string): never;

/** Throws an `AssertionError` that says the code was not expected to run. */
export function unreachable(msg?: string): never;
