/**
 * The text that `--help` prints.
 *
 * @module
 */

import type { z } from "zod";
import { type Field, fieldsOf } from "./fields.ts";
import type { FlagOptions } from "./flags.ts";

/** What {@linkcode help} says besides the flags. */
export interface HelpOptions extends FlagOptions {
  /** How the task is called and what it does: the first line is the call. */
  readonly usage: string;
  /** Lines to copy and paste, printed first. */
  readonly examples: readonly string[];
}

const WIDTH = 112;
const INDENT = 34;
const LONGEST_LIST = 16;

/** Writes a task's help: lines to copy first, then usage, then the flags under their headings with their defaults. */
export function help(schema: z.ZodObject, options: HelpOptions): string {
  const { usage, examples, positionals = [], configFile = false } = options;
  const fields = fieldsOf(schema);
  const flags = fields.filter(({ name }) => !positionals.includes(name));
  const sections = [examples.join("\n"), usage.trim()];
  if (positionals.length) {
    const named = positionals.map((name) => fields.find((field) => field.name === name)!);
    sections.push(
      section("Arguments", named.map((field) => [`<${field.name}>${field.list ? "..." : ""}`, explain(field)])),
    );
  }
  for (const title of new Set(flags.map(({ group }) => group))) {
    const members = flags.filter(({ group }) => group === title);
    sections.push(section(title, members.map((field) => [spell(field), explain(field) + repeats(field)])));
  }
  const always: [string, string][] = [["--help, -h", "prints this"]];
  if (configFile) always.unshift(["--config <file.json>", "fields by their names in camel case; flags override them"]);
  sections.push(section("Always", always));
  return sections.join("\n\n");
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  return [title, ...rows.map(([term, text]) => row(term, text))].join("\n");
}

function row(term: string, text: string): string {
  const lines: string[] = [];
  let line = `  ${term}`.padEnd(INDENT);
  if (term.length > INDENT - 4) {
    lines.push(line);
    line = " ".repeat(INDENT);
  }
  for (const word of text.split(" ")) {
    if (line.length + word.length > WIDTH) {
      lines.push(line.trimEnd());
      line = " ".repeat(INDENT);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join("\n");
}

function spell({ flag, kind, choices, default: preset }: Field): string {
  if (kind === "boolean") return preset === false ? `--${flag}` : `--[no-]${flag}`;
  const list = choices.join("|");
  return `--${flag} <${list && list.length <= LONGEST_LIST ? list : kind === "number" ? "number" : "text"}>`;
}

function repeats({ list }: Field): string {
  return list ? "; may be given several times" : "";
}

function explain({ description, unit, choices, zero, auto, bare, default: preset }: Field): string {
  const parts = [unit ? `${description}, in ${unit}` : description];
  if (choices.join("|").length > LONGEST_LIST) parts.push(`one of ${choices.join(", ")}`);
  if (zero) parts.push(`0: ${zero}`);
  if (auto && preset !== "auto") parts.push(`auto: ${auto}`);
  if (bare) parts.push(`without a value: ${bare}`);
  if (preset !== undefined && preset !== "" && preset !== false) {
    parts.push(auto && preset === "auto" ? `default auto: ${auto}` : `default ${preset}`);
  }
  return parts.join("; ");
}
