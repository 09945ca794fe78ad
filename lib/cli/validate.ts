/**
 * Checks values against a schema, with errors of one line.
 *
 * @module
 */

import type { z } from "zod";
import { show } from "../unknown.ts";
import { fieldsOf, toFlag } from "./fields.ts";
import { type Described, suggest } from "./suggest.ts";
import { UsageError } from "./usage_error.ts";

/** Tells how a field is called where its value came from, such as `--micro-batch` or `'microBatch'`. */
export type NameOf = (field: string) => string;

/**
 * Returns how fields are called on a command line: `--micro-batch`, and `<folder>` where they are given by position.
 *
 * @param positionals Names of the fields that are given by position.
 */
export function flagNames(positionals: readonly string[] = []): NameOf {
  return (field) => positionals.includes(field) ? `<${field}>` : `--${toFlag(field)}`;
}

/**
 * Returns `values` with the schema's defaults filled in, once every value is what its field must be.
 *
 * @param nameOf How fields are called in errors.
 * @throws {UsageError} For the first unknown field, missing field or wrong value.
 */
export function validate<S extends z.ZodObject>(
  schema: S,
  values: unknown,
  nameOf: NameOf = (field) => `'${field}'`,
): z.output<S> {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new UsageError(describe(issue!, schema, values, nameOf));
}

/**
 * Refuses a name that the schema does not have.
 *
 * @param known The names there are, with descriptions.
 * @param what The kind of name that it is, for the error: "field" or "flag".
 * @throws {UsageError} With the nearest known name.
 */
export function refuseUnknown(name: string, known: readonly Described[], what: string, nameOf: NameOf): never {
  const nearest = suggest(name, known);
  const wayOut = nearest
    ? `did you mean ${what === "flag" ? nameOf(nearest) : `'${nearest}'`}?`
    : "--help lists them all";
  throw new UsageError(`Cannot use ${nameOf(name)}: there is no such ${what}; ${wayOut}`);
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodObject, values: unknown, nameOf: NameOf): string {
  const fields = fieldsOf(schema);
  if (issue.code === "unrecognized_keys") {
    refuseUnknown(issue.keys[0]!, fields, "field", nameOf);
  }
  const found = fields.find((field) => field.name === issue.path[0]);
  if (!found) return `Cannot use the config: it must be an object with named fields, found ${show(values)}`;
  const value = (values as Record<string, unknown>)[found.name];
  if (value === undefined) return `Cannot go on without ${nameOf(found.name)}: ${found.description}`;
  return `Cannot use ${nameOf(found.name)}: must be ${found.rule}, found ${show(value)}`;
}
