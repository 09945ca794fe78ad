/**
 * Runs that are watched while they go on.
 *
 * @module
 */

import { formatDuration } from "../../cli/progress.ts";
import { drawChart } from "../../report/chart.ts";
import { captioned } from "../../report/compose.ts";
import {
  bundleOf,
  type Displayable,
  jupyterDisplay,
  type MimeBundle,
  type Picture,
  vectorBundleOf,
} from "../../report/display.ts";
import { pictureOf } from "../show/mod.ts";
import { type Clock, Pace, realClock } from "./pace.ts";
import type { Screen } from "./screen.ts";

/** Makes what is watched; the signal is to end it after the step under way. */
export type Start<T> = (signal: AbortSignal) => AsyncIterable<T>;

/** How a run is watched. */
export interface WatchOptions<T> {
  /** Heading of the picture. @default {what the rows are} */
  readonly title?: string;
  /** Draws the rows so far, of which there is at least one. @default {as `show` does} */
  readonly draw?: (rows: readonly T[]) => Picture;
}

/** Where and when a run is drawn. */
export interface Stage {
  readonly screen: Screen;
  readonly clock?: Clock;
}

/** How a run stands. */
export type RunState = "running" | "stopping" | "stopped" | "done" | "failed";

/** Pixels of the picture, whatever is in it: a cell that changes its height moves all below it. */
const HEIGHT = 400, WIDTH = 720;
const FAILED = "#b00020", SOFT = "#595959";

/** A run that has ended: its rows, and how. It shows itself as a cell's last expression. */
export class EndedRun<T> implements Displayable {
  /** All rows that it reported. */
  readonly rows: readonly T[];
  /** Whether it was stopped before its end. */
  readonly stopped: boolean;
  /** Milliseconds that drawing took while it went on. */
  readonly drawing: number;
  readonly #draw: () => Picture;

  /** Takes what the run came to. */
  constructor(rows: readonly T[], stopped: boolean, drawing: number, draw: () => Picture) {
    this.rows = rows;
    this.stopped = stopped;
    this.drawing = drawing;
    this.#draw = draw;
  }

  /** Draws it as the kernel asks for it. */
  [jupyterDisplay](): MimeBundle {
    return bundleOf(this.#draw());
  }
}

/**
 * A run under way. Await it for the {@linkcode EndedRun}; an error of the run is thrown there, and stands in the cell
 * also if nobody awaits it.
 *
 * @typeParam T A row.
 */
export class LiveRun<T> implements PromiseLike<EndedRun<T>>, Displayable {
  readonly #rows: T[] = [];
  readonly #options: WatchOptions<T>;
  readonly #screen: Screen;
  readonly #clock: Clock;
  readonly #pace: Pace;
  readonly #abort = new AbortController();
  readonly #begin: number;
  readonly #ended: Promise<EndedRun<T>>;
  #state: RunState = "running";
  #seconds = 0;
  #failure = "";

  /** Begins to take rows; `watch` also finds the place to draw them. */
  constructor(start: Start<T>, options: WatchOptions<T>, { screen, clock = realClock }: Stage) {
    this.#options = options;
    this.#screen = screen;
    this.#clock = clock;
    // An empty frame, drawn as charts are: so what draws is compiled before the run begins, and not in its time.
    screen.show(vectorBundleOf(this.#picture()));
    this.#begin = clock.now();
    this.#pace = new Pace(() => screen.show(vectorBundleOf(this.#picture())), clock);
    this.#ended = this.#take(start);
  }

  /** The rows so far. */
  get rows(): readonly T[] {
    return this.#rows;
  }

  /** How it stands. */
  get state(): RunState {
    return this.#state;
  }

  /** Ends the run after the step under way; what is done is kept as the run keeps it. Await the run for its end. */
  stop(): void {
    if (this.#state !== "running") return;
    this.#state = "stopping";
    this.#abort.abort();
    this.#pace.request();
  }

  /** Waits for the end of the run. */
  then<A = EndedRun<T>, B = never>(
    fulfilled?: ((run: EndedRun<T>) => A | PromiseLike<A>) | null,
    rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#ended.then(fulfilled, rejected);
  }

  /** Draws how it stands as the kernel asks for it. */
  [jupyterDisplay](): MimeBundle {
    return bundleOf(this.#picture());
  }

  async #take(start: Start<T>): Promise<EndedRun<T>> {
    const { signal } = this.#abort;
    try {
      for await (const row of start(signal)) {
        this.#rows.push(row);
        this.#pace.request();
      }
      this.#state = signal.aborted ? "stopped" : "done";
    } catch (error) {
      this.#state = "failed";
      this.#failure = (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
      throw error;
    } finally {
      this.#pace.end();
      this.#seconds = (this.#clock.now() - this.#begin) / 1000;
      this.#screen.show(bundleOf(this.#picture()));
    }
    return new EndedRun(this.#rows, signal.aborted, this.#pace.spent, () => this.#picture());
  }

  #picture(): Picture {
    const { svg, text } = this.#content();
    const state = this.#describe();
    const colour = this.#state === "failed" ? FAILED : SOFT;
    const lines = text.split("\n");
    return {
      // Two lines of the text at least, and no more while it goes on, so that the height stays.
      svg: captioned(svg, { lines: [state, lines[0]!, lines[1] ?? ""], colour, height: HEIGHT }),
      text: [state, text].filter(Boolean).join("\n"),
    };
  }

  #content(): Picture {
    if (this.#rows.length === 0) return { svg: emptyFrame(), text: "" };
    const { title, draw = (rows) => pictureOf(rows, title !== undefined ? { title } : {}) } = this.#options;
    try {
      return draw(this.#rows);
    } catch (error) {
      // A picture that cannot be drawn must not end a run that may have taken hours.
      return { svg: emptyFrame(), text: `no picture: ${(error as Error).message}` };
    }
  }

  #describe(): string {
    const ended = formatDuration(this.#seconds);
    switch (this.#state) {
      case "running":
        return this.#rows.length > 0 ? "running; run.stop() in another cell ends it" : "starting";
      case "stopping":
        return "stopping after the step under way";
      case "stopped":
        return `stopped after ${ended}`;
      case "done":
        return `done in ${ended}`;
      case "failed":
        return `failed after ${ended}: ${this.#failure}`;
    }
  }
}

function emptyFrame(): string {
  const axis = { domain: [0, 1], grid: true, label: null, ticks: 5, tickSize: 0, tickFormat: () => "" };
  return drawChart({ x: axis, y: axis, marks: [] }, { width: WIDTH, height: HEIGHT });
}
