import { z } from "zod";
import { field } from "../lib/cli/fields.ts";
import { executeNotebook } from "../lib/io/jupyter/execute.ts";
import type { Notebook } from "../lib/notebook/document.ts";
import type { RunSize } from "../lib/notebook/stored_results.ts";
import { onInterrupt } from "./_interrupt.ts";

/** The argument of the tasks that take notebooks. */
export const notebookFiles = { files: field(z.array(z.string().min(1)).min(1), "notebooks") };

/** The flags of the tasks that execute notebooks. */
export const executionFields = {
  quick: field(z.boolean().default(false), "run in small: cells see `quick` as true"),
  timeout: field(z.number().gt(0).max(1e6).default(600), "longest time of a cell", { unit: "seconds" }),
};

/** Names the kind of run that a flag asks for. */
export function sizeOf({ quick }: { quick: boolean }): RunSize {
  return quick ? "quick" : "full";
}

/** Executes a notebook and prints a line for each code cell: its place, its seconds and its first line. */
export async function execute(
  notebook: Notebook,
  path: string,
  options: { quick: boolean; timeout: number; signal: AbortSignal },
): Promise<Notebook> {
  console.log(`${path}${options.quick ? ", quick" : ""}`);
  const onCell = (index: number, seconds: number) => {
    const line = notebook.cells[index]!.source.trim().split("\n", 1)[0]!;
    console.log(`${`cell ${index + 1}`.padStart(9)} ${seconds.toFixed(1).padStart(7)} s  ${line.slice(0, 80)}`);
  };
  return await executeNotebook(notebook, path, { ...options, onCell });
}

/**
 * Does something to each notebook, one after the other, until the task is stopped.
 *
 * @param act Gives up with an error when its signal is aborted, having tidied up.
 * @returns The exit code if the task was stopped.
 */
export async function forEachNotebook(
  files: readonly string[],
  act: (file: string, signal: AbortSignal) => Promise<void>,
): Promise<number | undefined> {
  using interrupt = onInterrupt("stopping: this notebook stays as it was");
  for (const file of files) {
    try {
      await act(file, interrupt.signal);
      interrupt.signal.throwIfAborted();
    } catch (error) {
      if (interrupt.signal.aborted) return interrupt.code;
      throw error;
    }
  }
}
