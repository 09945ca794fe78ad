/**
 * Reading notebooks.
 *
 * @module
 */

import { z } from "zod";
import { show } from "../unknown.ts";
import type { Notebook } from "./document.ts";

const text = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(""))], {
  error: "must be text or a list of lines",
});
const word = z.string({ error: "must be text" });
const metadata = z.record(z.string(), z.unknown(), { error: "must be an object" });
const bundle = metadata
  .refine((data) => Object.entries(data).every(([type, value]) => isJson(type) || text.safeParse(value).success), {
    error: "must hold text under every type that is not JSON",
  })
  .transform((data) => Object.fromEntries(Object.entries(data).map(([type, value]) => [type, joined(type, value)])));
const count = z.int({ error: "must be a whole number or null" }).nullish().transform((value) => value ?? null);
const cell = { id: word.optional(), metadata: metadata.default({}), source: text };

const output = z.discriminatedUnion("output_type", [
  z.looseObject({ output_type: z.literal("stream"), name: word, text }),
  z.looseObject({ output_type: z.literal("display_data"), data: bundle, metadata: metadata.default({}) }),
  z.looseObject({
    ...{ output_type: z.literal("execute_result"), data: bundle, metadata: metadata.default({}) },
    execution_count: count,
  }),
  z.looseObject({
    ...{ output_type: z.literal("error"), ename: word, evalue: word },
    traceback: z.array(word, { error: "must be a list of lines" }),
  }),
], { error: oneOf("stream, display_data, execute_result or error") });

const prose = { ...cell, attachments: z.record(z.string(), bundle).optional() };
const notebook = z.looseObject({
  nbformat: z.literal(4, { error: "must be 4; open it in Jupyter and save it, which converts it" }),
  nbformat_minor: z.int({ error: "must be a whole number" }),
  metadata: metadata.default({}),
  cells: z.array(
    z.discriminatedUnion("cell_type", [
      z.looseObject({ cell_type: z.literal("markdown"), ...prose }),
      z.looseObject({ cell_type: z.literal("raw"), ...prose }),
      z.looseObject({
        cell_type: z.literal("code"),
        ...cell,
        execution_count: count,
        outputs: z.array(output, { error: "must be a list" }),
      }),
    ], { error: oneOf("markdown, code or raw") }),
    { error: "must be a list" },
  ),
}, { error: "must be an object" });

/** Tells whether a MIME type's values are JSON, which are kept as they are; others are text. */
function isJson(type: string): boolean {
  return type === "application/json" || /^application\/.*\+json$/.test(type);
}

/** Says what a part with a kind must be, whether it has another kind or is no object at all. */
function oneOf(kinds: string) {
  return ({ code }: { code: string }) => code === "invalid_union" ? `must be ${kinds}` : "must be an object";
}

function joined(type: string, value: unknown): unknown {
  return isJson(type) || !Array.isArray(value) ? value : value.join("");
}

/**
 * Checks what was read from a notebook's file.
 *
 * @param name What errors call the notebook: its path.
 * @throws {RangeError} For the first part that breaks the format, or if its kernel runs another language.
 */
export function parseNotebook(json: unknown, name: string): Notebook {
  const result = notebook.safeParse(json);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    const found = path.reduce((value: unknown, key) => (value as Record<PropertyKey, unknown>)?.[key], json);
    const place = path.length ? ` '${z.core.toDotPath(path)}'` : "";
    throw new RangeError(`Cannot read '${name}' as a notebook:${place || " it"} ${message}, found ${show(found)}`);
  }
  const spec = result.data.metadata["kernelspec"] as { language?: unknown } | undefined;
  const language = spec?.language ?? "typescript";
  if (language !== "typescript") {
    throw new RangeError(
      `Cannot read '${name}' as a notebook of ours: its kernel's language must be typescript, found ${show(language)}`,
    );
  }
  return result.data as Notebook;
}
