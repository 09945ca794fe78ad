/**
 * Command-line flags read by a schema: the same names as in JSON, in kebab case.
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import type { z } from "zod";
import { show } from "../unknown.ts";
import { type Field, fieldsOf } from "./fields.ts";
import { UsageError } from "./usage_error.ts";
import { flagNames, refuseUnknown } from "./validate.ts";

/** Options of {@linkcode parseFlags} and of the help. */
export interface FlagOptions {
  /**
   * Names of the fields that are given by position, without a flag, in their order; a list takes all that follow.
   * @default {[]}
   */
  readonly positionals?: readonly string[];
  /** Whether `--config file.json` is a flag of the task. @default {false} */
  readonly configFile?: boolean;
}

/** What a command line says. */
export interface Flags {
  /** The given fields under their names in JSON, and only those; `validate` or `resolveConfig` checks them. */
  readonly values: Record<string, unknown>;
  /** Path given as `--config`. */
  readonly config?: string;
  /** Whether `--help` or `-h` was given. */
  readonly help: boolean;
}

/**
 * Reads a command line: `--flag value`, `--flag=value`, `--switch`, `--no-switch`, and arguments by position.
 *
 * Numbers may end in k, M or B (thousand, million, billion). Of a flag given twice the last value counts; a list takes
 * them all. What is not of the field's type is handed on as text, so that the check that follows can name the rule and
 * the value.
 *
 * @throws {UsageError} For an unknown flag, a flag without its value, or an argument too many.
 */
export function parseFlags(schema: z.ZodObject, args: readonly string[], options: FlagOptions = {}): Flags {
  const { positionals = [], configFile = false } = options;
  const all = fieldsOf(schema);
  const fields = all.filter(({ name }) => !positionals.includes(name));
  const switches = fields.filter(({ kind }) => kind === "boolean").map(({ flag }) => flag);
  const valued = fields.filter(({ kind }) => kind !== "boolean").map(({ flag }) => flag);
  if (configFile) valued.push("config");
  const known = fields.flatMap(({ flag, kind, description }) => [
    { name: flag, description },
    ...(kind === "boolean" ? [{ name: `no-${flag}`, description: "" }] : []),
  ]);

  const parsed = parseArgs(joinValues(args, fields, configFile), {
    string: [...valued, "_"],
    boolean: [...switches, "help"],
    negatable: switches,
    collect: [...valued, ...switches], // a flag that is not given is then told from one that is
    alias: { help: "h" },
    unknown: (_arg, key) => {
      if (key !== undefined) refuseUnknown(key, known, "flag", (name) => key.length > 1 ? `--${name}` : `-${name}`);
      return true;
    },
  });
  const given = (flag: string): unknown[] => [parsed[flag] ?? []].flat();
  const last = (flag: string) => given(flag).at(-1);

  const values: Record<string, unknown> = {};
  for (const field of fields) {
    const found = given(field.flag).map((value) => convert(value, field));
    if (found.length > 0) values[field.name] = field.list ? found : found.at(-1);
  }
  const placed = parsed._.map(String);
  const rest = all.find(({ name, list }) => list && name === positionals.at(-1));
  if (rest && placed.length >= positionals.length) {
    values[rest.name] = placed.splice(positionals.length - 1).map((value) => convert(value, rest));
  }
  if (placed.length > positionals.length) {
    const takes = positionals.length ? positionals.map(flagNames(positionals)).join(" ") : "flags only";
    throw new UsageError(
      `Cannot use ${show(placed[positionals.length])}: the task takes ${takes}; --help lists the flags`,
    );
  }
  placed.forEach((value, index) => {
    values[positionals[index]!] = convert(value, all.find(({ name }) => name === positionals[index])!);
  });
  const config = configFile ? last("config") : undefined;
  return { values, help: Boolean(parsed.help), ...(config !== undefined && { config: String(config) }) };
}

/**
 * Joins each flag with the value after it, as `--flag=value`, so that empty text and negative numbers are values too
 * and a flag without its value is noticed.
 */
function joinValues(args: readonly string[], fields: readonly Field[], configFile: boolean): string[] {
  const joined: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--") return [...joined, ...args.slice(i)];
    const [flag, text] = arg.split(/=(.*)/s);
    const field = fields.find((each) => `--${each.flag}` === flag);
    if (field?.kind === "boolean") {
      if (text !== undefined && text !== "true" && text !== "false") {
        throw new UsageError(
          `Cannot use ${flag}: must be true or false, found ${show(text)}; leave the value out for true`,
        );
      }
      joined.push(arg);
    } else if (text === undefined && (field || (configFile && flag === "--config"))) {
      const next = args[i + 1];
      const follows = next !== undefined && (!next.startsWith("-") || Number.isFinite(Number(next)));
      const value = follows ? next : field?.bare;
      if (value === undefined) throw new UsageError(`Cannot use ${flag} without a value; write ${flag}=<value>`);
      joined.push(`${flag}=${value}`);
      if (follows) i++;
    } else joined.push(arg);
  }
  return joined;
}

const multiples: Readonly<Record<string, number>> = { "": 1, k: 1e3, M: 1e6, B: 1e9 };

function convert(value: unknown, { kind }: Field): unknown {
  if (kind !== "number") return value;
  const match = /^(-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)([kMB]?)$/i.exec(String(value));
  const multiple = multiples[match?.[2] ?? ""];
  // The product is rounded to the digits that a decimal has in float64, so that 1.001k is a whole number.
  return match && multiple !== undefined ? Number((Number(match[1]) * multiple).toPrecision(15)) : value;
}
