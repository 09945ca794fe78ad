/**
 * Waiting for several things of which one may fail.
 *
 * @module
 */

/**
 * Waits until all promises are settled, and only then throws the first failure, if there is one. With `Promise.all` the
 * others would still use what the caller frees on its way out.
 */
export async function settled<T extends readonly unknown[] | []>(
  promises: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  const results = await Promise.allSettled(promises);
  for (const result of results) if (result.status === "rejected") throw result.reason;
  const values: unknown[] = results.map((result) => (result as PromiseFulfilledResult<unknown>).value);
  return values as { -readonly [P in keyof T]: Awaited<T[P]> };
}
