/**
 * One schema for everything: what a zod object says about its fields, for flags, help and error messages.
 *
 * Fields are read from the schema's JSON Schema, a stable format, rather than from zod's internals.
 *
 * @module
 */

import { z } from "zod";

/** What a field's schema cannot say by its type. */
export interface FieldNotes {
  /** Unit of the value, such as "steps". */
  readonly unit?: string;
  /** What "auto" stands for. */
  readonly auto?: string;
  /** What 0 stands for. */
  readonly zero?: string;
  /** The value that the flag takes when it is given without one. */
  readonly bare?: string;
  /** The rule in words, where the type's own words would be unclear: what the value "must be". */
  readonly rule?: string;
}

/** One field of a schema, as flags, help and errors see it. */
export interface Field extends FieldNotes {
  /** Name in JSON, in camel case. */
  readonly name: string;
  /** Name as a flag, in kebab case, without the dashes. */
  readonly flag: string;
  /** Heading under which help lists it. */
  readonly group: string;
  /** What it is, as a phrase. */
  readonly description: string;
  /** How its flag is written: a switch, or a flag with a value. */
  readonly kind: "boolean" | "number" | "string";
  /** Whether it holds any number of such values. */
  readonly list: boolean;
  /** What a value must be, in words. */
  readonly rule: string;
  /** The values it is limited to, if it is limited to a list. */
  readonly choices: readonly string[];
  /** Value when it is not given; undefined when it must be given. */
  readonly default: unknown;
}

/** The keywords of JSON Schema that a field's type can have. */
interface FieldSchema extends FieldNotes {
  readonly type?: string;
  readonly anyOf?: readonly FieldSchema[];
  readonly items?: FieldSchema;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly description?: string;
  readonly group?: string;
  readonly default?: unknown;
}

/** Attaches to a type what help and errors say about it. */
export function field<T extends z.ZodType>(type: T, description: string, notes: FieldNotes = {}): T {
  return type.meta({ description, ...notes });
}

/** Puts all fields of `shape` under one heading of the help. */
export function group<S extends Record<string, z.ZodType>>(title: string, shape: S): S {
  const entries = Object.entries(shape).map(([name, type]) => [name, type.meta({ ...type.meta(), group: title })]);
  return Object.fromEntries(entries);
}

/** Lists the fields of a schema in their order. */
export function fieldsOf(schema: z.ZodObject): Field[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input" });
  return Object.entries(properties).map(([name, property]) => {
    const json = property as FieldSchema;
    const { description = "", group = "Flags", unit, auto, zero, bare, rule = ruleOf(json) } = json;
    const notes = { ...(unit && { unit }), ...(auto && { auto }), ...(zero && { zero }), ...(bare && { bare }) };
    const choices = choicesOf(json);
    return {
      ...notes,
      name,
      flag: toFlag(name),
      group,
      description,
      kind: kindOf(json),
      list: json.type === "array",
      rule,
      choices,
      default: json.default,
    };
  });
}

/** Spells a field's name as a flag: `microBatch` is `micro-batch`. */
export function toFlag(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function variants(json: FieldSchema): readonly FieldSchema[] {
  return json.anyOf?.flatMap(variants) ?? [json];
}

function kindOf(json: FieldSchema): Field["kind"] {
  if (json.items) return kindOf(json.items);
  const types = variants(json).map((variant) => variant.type);
  if (types.includes("boolean")) return "boolean";
  return types.includes("number") || types.includes("integer") ? "number" : "string";
}

/** The listed values, or none if a value outside the list is allowed too. */
function choicesOf(json: FieldSchema): string[] {
  const listed = variants(json).map((variant) => variant.enum ?? (variant.const === undefined ? [] : [variant.const]));
  return listed.every((values) => values.length > 0) ? listed.flat().map(String) : [];
}

function ruleOf(json: FieldSchema): string {
  if (json.anyOf) return json.anyOf.map(ruleOf).join(" or ");
  if (json.const !== undefined) return JSON.stringify(json.const);
  if (json.enum) return json.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (json.type === "array") return "a list";
  if (json.type === "boolean") return "true or false";
  if (json.type === "string") return json.minLength ? "text that is not empty" : "text";
  const bounds = [
    json.exclusiveMinimum !== undefined && `above ${json.exclusiveMinimum}`,
    json.minimum !== undefined && json.minimum !== Number.MIN_SAFE_INTEGER && `of at least ${json.minimum}`,
    json.exclusiveMaximum !== undefined && `below ${json.exclusiveMaximum}`,
    json.maximum !== undefined && json.maximum !== Number.MAX_SAFE_INTEGER && `at most ${json.maximum}`,
  ].filter((bound) => bound !== false);
  return [json.type === "integer" ? "a whole number" : "a number", bounds.join(" and ")].join(" ").trimEnd();
}
