import { openProgress } from "../lib/io/terminal.ts";
import type { Progress } from "../lib/cli/progress.ts";
import { isDone, type PipelinePlace } from "../lib/pipeline/find.ts";
import { dryRunPipeline } from "../lib/pipeline/dry_run.ts";
import { type PipelineRecord, runPipeline } from "../lib/pipeline/pipeline.ts";
import { describeResult } from "../lib/pipeline/result.ts";
import { describeSubNetwork } from "../lib/subnet/describe.ts";
import { formatCount } from "../lib/units.ts";
import { onInterrupt } from "./_interrupt.ts";
import { explainSearch, generationRow, generationTitles } from "./_search_report.ts";
import { quote } from "./_shell.ts";

/** What of a call a pipeline's settings do not keep. */
export interface Call {
  readonly dryRun: boolean;
  readonly quiet: boolean;
}

/** Takes a pipeline to its end and prints what it reports; returns the exit code. */
export async function printPipeline(place: PipelinePlace, { dryRun, quiet }: Call): Promise<number> {
  const { directory, config, reasons, begun } = place;
  if (dryRun) {
    console.log([...reasons, ...await dryRunPipeline(place)].join("\n"));
    return 0;
  }
  if (await isDone(place)) {
    console.log(
      `nothing to do: '${directory.path}' has ended and its model is in '${directory.path}/final'; raise --steps or ` +
        "--tokens to prolong it",
    );
    return 0;
  }
  const say = quiet ? () => {} : (line: string) => console.log(line);
  if (begun) say(`resuming '${directory.path}'`);
  reasons.forEach(say);
  using interrupt = onInterrupt("finishing what is under way; press Ctrl-C again to end at once");
  using printer = new Printer(say, quiet);
  const { signal } = interrupt;
  let ended = false;
  for await (const record of runPipeline(place, { notice: say, warn: console.warn, signal })) {
    printer.print(record);
    ended = record.stage === "report";
  }
  if (!ended) {
    console.log(`stopped; continue with: deno task pretrain --resume ${quote(directory.path)}`);
    return interrupt.code;
  }
  const { path } = directory;
  console.log(
    `done: the model is in '${path}/final', the report in '${directory.report}'; try: deno task generate ` +
      `${quote(`${path}/final`)} --prompt ${quote(config.samplePrompt)}`,
  );
  return 0;
}

/** Prints records as they come. */
class Printer implements Disposable {
  readonly #say: (line: string) => void;
  readonly #quiet: boolean;
  #titled = false;
  #progress: Progress | undefined;

  constructor(say: (line: string) => void, quiet: boolean) {
    this.#say = say;
    this.#quiet = quiet;
  }

  print(record: PipelineRecord): void {
    const say = this.#say;
    switch (record.stage) {
      case "prepare":
        explainSearch(record.search).forEach(say);
        if (record.known > 0) say(`the search goes on after ${record.known} evaluations`);
        break;
      case "search":
        if (!this.#titled) say(generationTitles(record.generation.last));
        this.#titled = true;
        say(generationRow(record.generation));
        break;
      case "inherit": {
        const { subNetwork, parameters, loss } = record.inherited;
        say(
          `student: ${describeSubNetwork(subNetwork)}; ${formatCount(parameters)} parameters, held-out loss before ` +
            `training ${loss.toFixed(3)} nats a token`,
        );
        break;
      }
      case "begin":
        this.#progress = openProgress(record.steps, { quiet: this.#quiet });
        break;
      case "train":
        this.#progress!.row(record.row);
        break;
      case "profile":
        this[Symbol.dispose]();
        console.log(record.table);
        break;
      case "evaluate": {
        this[Symbol.dispose]();
        const { samples } = record.result;
        for (const { model, prompt, text } of samples) say(`sample of the ${model}: ${JSON.stringify(prompt + text)}`);
        describeResult(record.result).forEach(say);
        break;
      }
    }
  }

  [Symbol.dispose](): void {
    this.#progress?.[Symbol.dispose]();
    this.#progress = undefined;
  }
}
