/**
 * Notebooks executed from their first cell to their last one.
 *
 * @module
 */

import { dirname } from "node:path";
import { type CodeCell, describeCell, type Notebook } from "../../notebook/document.ts";
import { OutputCollector } from "../../notebook/outputs.ts";
import { kernelEnvironment } from "./environment.ts";
import { explainFailure } from "./explain_failure.ts";
import { Kernel } from "./kernel.ts";

/** Options of {@linkcode executeNotebook}. */
export interface ExecuteOptions {
  /** Whether cells should do little. @default {false} */
  readonly quick?: boolean;
  /** The longest time that a cell may take, in seconds. @default {600} */
  readonly timeout?: number;
  /** Gives up, with its reason. @default never */
  readonly signal?: AbortSignal;
  /** Hears of each code cell that has ended well, with its index and the seconds that it took. */
  readonly onCell?: (index: number, seconds: number) => void;
}

/** How long a kernel may take to start on a machine that has other things to do. */
const START_MS = 60_000;

/**
 * Executes all code cells of a notebook in a new kernel, in the notebook's folder.
 *
 * @param path Where the notebook lies; its file is neither read nor written.
 * @returns The notebook with the outputs.
 * @throws {Error} Naming the first cell that throws, shows an error, is no code, takes too long or ends the kernel.
 */
export async function executeNotebook(
  notebook: Notebook,
  path: string,
  options: ExecuteOptions = {},
): Promise<Notebook> {
  const { quick = false, timeout = 600, signal = new AbortController().signal, onCell } = options;
  const executed = cleared(notebook);
  const collector = new OutputCollector();
  const kernelOptions = { directory: dirname(path), env: kernelEnvironment(quick) };
  await using kernel = await Kernel.start(kernelOptions, within(START_MS, signal)).catch((error) => {
    throw failure(path, "its kernel did not start", reasonOf(error, `must answer within ${START_MS / 1000} s`), error);
  });
  for (const [index, cell] of executed.cells.entries()) {
    if (cell.cell_type !== "code" || cell.source.trim() === "") continue;
    const begun = performance.now();
    const hear = (message: Parameters<OutputCollector["collect"]>[1]) => collector.collect(cell.outputs, message);
    const { ok, count } = await kernel.execute(cell.source, hear, within(timeout * 1000, signal)).catch((error) => {
      kernel.kill();
      const rule = `must end within ${timeout} s, and did not; raise --timeout`;
      throw failure(path, describeCell(executed, index), reasonOf(error, rule), error);
    });
    cell.execution_count = count;
    const reason = errorIn(cell) ?? (ok ? undefined : await explainFailure(executed, path, index));
    if (reason !== undefined) throw failure(path, describeCell(executed, index), reason);
    onCell?.(index, (performance.now() - begun) / 1000);
  }
  return executed;
}

/** Copies a notebook without the outputs of its last run. */
function cleared(notebook: Notebook): Notebook {
  const copy = structuredClone(notebook);
  for (const cell of copy.cells) {
    if (cell.cell_type === "code") Object.assign(cell, { execution_count: null, outputs: [] });
  }
  return copy;
}

/** An error among the outputs, which a cell may have though the kernel calls its execution good. */
function errorIn({ outputs }: CodeCell): string | undefined {
  const error = outputs.find((output) => output.output_type === "error");
  return error && `${error.ename}: ${error.evalue}`;
}

function within(milliseconds: number, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
}

/** Says what was thrown; of a time that is over, the rule that it broke. */
function reasonOf(error: unknown, rule: string): string {
  if (error instanceof DOMException && error.name === "TimeoutError") return `it ${rule}`;
  return error instanceof Error ? error.message : String(error);
}

function failure(path: string, place: string, reason: string, cause?: unknown): Error {
  return new Error(`Cannot run '${path}': ${place}: ${reason}`, { cause });
}
