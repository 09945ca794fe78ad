/**
 * The results that a notebook holds in its metadata, under `offshoot.results`: those of quick and of full runs.
 *
 * @module
 */

import { isObject } from "../unknown.ts";
import type { Metadata, Notebook } from "./document.ts";
import { describeCell } from "./document.ts";
import { type DeclaredResult, parseResult, RESULT_TYPE } from "./result.ts";

/** How a notebook was run: in small, or as it is meant. */
export type RunSize = "quick" | "full";

/**
 * Collects what the cells of an executed notebook declare, in their order.
 *
 * @throws {RangeError} If a name is declared twice, or a declaration is broken.
 */
export function resultsOf(notebook: Notebook): DeclaredResult[] {
  const found = new Map<string, { result: DeclaredResult; cell: string }>();
  for (const [index, cell] of notebook.cells.entries()) {
    for (const output of cell.cell_type === "code" ? cell.outputs : []) {
      if (output.output_type !== "display_data" || !(RESULT_TYPE in output.data)) continue;
      const result = parseResult(output.data[RESULT_TYPE]);
      const name = describeCell(notebook, index);
      const other = found.get(result.name);
      if (other) {
        throw new RangeError(
          `Cannot declare the result '${result.name}' in ${name}: a notebook declares a name once, ` +
            `found it in ${other.cell} too; rename one`,
        );
      }
      found.set(result.name, { result, cell: name });
    }
  }
  return [...found.values()].map(({ result }) => result);
}

/**
 * Reads the results that a notebook holds from runs of a size; none if there was no such run.
 *
 * @throws {RangeError} If they were damaged by hand.
 */
export function storedResults({ metadata }: Notebook, size: RunSize): DeclaredResult[] {
  const { results } = ours(metadata);
  const stored = isObject(results) ? results[size] : undefined;
  return Array.isArray(stored) ? stored.map(parseResult) : [];
}

/**
 * Returns the notebook with the results of a run in its metadata, which has no entry for a run without results; those of
 * runs of the other size stay.
 */
export function storeResults(notebook: Notebook, size: RunSize, found: readonly DeclaredResult[]): Notebook {
  const { results: before, ...rest } = ours(notebook.metadata);
  const { [size]: _, ...others } = isObject(before) ? before : {};
  const results = { ...others, ...(found.length > 0 && { [size]: found }) };
  const metadata = forgetResults(notebook.metadata);
  if (Object.keys(results).length === 0) return { ...notebook, metadata };
  return { ...notebook, metadata: { ...metadata, offshoot: { ...rest, results } } };
}

/** Returns the metadata without results. */
export function forgetResults({ offshoot, ...metadata }: Metadata): Metadata {
  const { results: _, ...rest } = isObject(offshoot) ? offshoot : {};
  return { ...metadata, ...(Object.keys(rest).length > 0 && { offshoot: rest }) };
}

function ours({ offshoot }: Metadata): Record<string, unknown> {
  return isObject(offshoot) ? offshoot : {};
}
