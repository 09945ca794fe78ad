/**
 * Outputs of cells, put together from what a kernel publishes.
 *
 * @module
 */

import type { DisplayOutput, Metadata, MimeBundle, Output } from "./document.ts";

/** What a kernel publishes while a cell runs; see the messages of Jupyter's protocol. */
export interface PublishedMessage {
  readonly type: string;
  readonly content: Record<string, unknown>;
}

/** Puts the outputs of all cells of a notebook together, as a front end does. */
export class OutputCollector {
  readonly #displays = new Map<string, DisplayOutput[]>();
  readonly #cleared = new Set<Output[]>();

  /**
   * Takes a message into the outputs of the cell that runs; others than outputs are ignored.
   *
   * Text of the same stream is joined, an update changes displays of its name in all cells, and a request to clear that
   * waits does so at the next output.
   */
  collect(outputs: Output[], { type, content }: PublishedMessage): void {
    if (type === "update_display_data") return this.#update(content);
    if (type === "clear_output") {
      if (content["wait"]) this.#cleared.add(outputs);
      else outputs.length = 0;
      return;
    }
    const output = outputOf(type, content);
    if (!output) return;
    if (this.#cleared.delete(outputs)) outputs.length = 0;
    const last = outputs.at(-1);
    if (output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name) {
      last.text += output.text;
      return;
    }
    outputs.push(output);
    const id = displayId(content);
    if (id !== undefined && "data" in output) {
      this.#displays.set(id, [...(this.#displays.get(id) ?? []), output]);
    }
  }

  #update(content: Record<string, unknown>): void {
    for (const output of this.#displays.get(displayId(content) ?? "") ?? []) {
      Object.assign(output, shown(content));
    }
  }
}

function outputOf(type: string, content: Record<string, unknown>): Output | undefined {
  switch (type) {
    case "stream":
      return { output_type: type, name: String(content["name"]), text: String(content["text"]) };
    case "display_data":
      return { output_type: type, ...shown(content) };
    case "execute_result":
      return { output_type: type, ...shown(content), execution_count: content["execution_count"] as number };
    case "error": {
      const traceback = (content["traceback"] as unknown[] | undefined ?? []).map(String);
      return { output_type: type, ename: String(content["ename"]), evalue: String(content["evalue"]), traceback };
    }
  }
}

function shown({ data, metadata }: Record<string, unknown>): { data: MimeBundle; metadata: Metadata } {
  return { data: data as MimeBundle, metadata: (metadata ?? {}) as Metadata };
}

function displayId({ transient }: Record<string, unknown>): string | undefined {
  const id = (transient as { display_id?: unknown } | undefined)?.display_id;
  return id === undefined ? undefined : String(id);
}
