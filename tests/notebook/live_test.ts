import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { cellScreen } from "../../lib/io/jupyter/cell_screen.ts";
import { LiveRun, type Start, type WatchOptions } from "../../lib/notebook/live/live.ts";
import { jupyterDisplay, type MimeBundle } from "../../lib/report/display.ts";
import { FakeClock } from "./fake_clock.ts";

interface Message {
  readonly type: string;
  readonly data: MimeBundle;
  readonly id: string;
}

/** Watches a run as a kernel's cell does, and keeps what it is sent. */
function watched<T>(
  start: (clock: FakeClock, signal: AbortSignal) => AsyncIterable<T>,
  options: WatchOptions<T> = {},
) {
  const messages: Message[] = [];
  const clock = new FakeClock();
  const screen = cellScreen({
    broadcast(type: string, { data, transient }: { data: MimeBundle; transient: { display_id: string } }) {
      messages.push({ type, data, id: transient.display_id });
      return Promise.resolve();
    },
  } as never)!;
  const run = new LiveRun(((signal) => start(clock, signal)) as Start<T>, options, { screen, clock });
  return { run, messages };
}

/** Reports a step every 100 ms. */
async function* steps(clock: FakeClock, signal: AbortSignal, count = 50) {
  for (let step = 1; step <= count && !signal.aborted; step++) {
    clock.pass(100);
    await Promise.resolve();
    yield { step, tokens: 100 * step, loss: 8 - step / 10, tokens_per_s: 1000, elapsed_s: step / 10 };
  }
}

const sizeOf = ({ data }: Message) => /width="(\d+)" height="(\d+)"/.exec(data["image/svg+xml"])![0];

Deno.test("a live cell is shown once and updated in its place, at most twice a second, always at one size", async () => {
  const { run, messages } = watched((clock, signal) => steps(clock, signal));
  await run;
  assertEquals(messages[0]!.type, "display_data");
  assert(messages.slice(1).every(({ type }) => type === "update_display_data"));
  assertEquals(new Set(messages.map(({ id }) => id)).size, 1);
  // The place, 5 seconds of pictures from the first row at 100 ms on, and the last state.
  assertEquals(messages.length, 1 + 10 + 1);
  assertEquals(new Set(messages.map(sizeOf)).size, 1);
});

Deno.test("a run that has no row yet shows an empty frame, for which what draws is compiled", async () => {
  const { run, messages } = watched((clock, signal) => steps(clock, signal, 1));
  await run;
  assertEquals(messages[0]!.data["text/plain"], "starting");
  assertStringIncludes(messages[0]!.data["image/svg+xml"], "y-grid");
});

Deno.test("a live cell keeps its height whatever is drawn and said", async () => {
  const draw = (rows: readonly unknown[]) => ({
    svg: `<svg xmlns="http://www.w3.org/2000/svg" width="720" height="${10 * rows.length}"></svg>`,
    text: rows.join("\n"),
  });
  const { run, messages } = watched((clock, signal) => steps(clock, signal, 20), { draw });
  await run;
  assertEquals(new Set(messages.map(sizeOf)).size, 1);
});

Deno.test("the last state is drawn whatever the pace, and it alone with PNG", async () => {
  const { run, messages } = watched((clock, signal) => steps(clock, signal, 7));
  await run;
  assertEquals(
    messages.map(({ data }) => data["image/png"] !== undefined),
    messages.map((_, i) => i === messages.length - 1),
  );
  assertStringIncludes(messages.at(-1)!.data["text/plain"], "done in 0:01\nstep 7");
  assertStringIncludes(messages.at(-1)!.data["image/svg+xml"], "step 7");
});

Deno.test("the axis of a live curve only grows", async () => {
  const { run, messages } = watched((clock, signal) => steps(clock, signal));
  await run;
  const ends = messages.slice(1).map(({ data }) => {
    const ticks = [...data["image/svg+xml"].matchAll(/>(\d[\d.]*k?)<\/text>/g)].map(([, text]) => text!);
    return Math.max(...ticks.map((text) => text.endsWith("k") ? 1000 * parseFloat(text) : parseFloat(text)));
  });
  assertEquals(ends, ends.toSorted((a, b) => a - b));
});

Deno.test("a run that is awaited gives its rows, and shows itself", async () => {
  const { run } = watched((clock, signal) => steps(clock, signal, 3));
  assertEquals(run.state, "running");
  const ended = await run;
  assertEquals(ended.rows.map(({ step }) => step), [1, 2, 3]);
  assertEquals(ended.stopped, false);
  assertStringIncludes(ended[jupyterDisplay]()["text/plain"], "done");
  assert((await run) === ended);
});

Deno.test("a run that is stopped ends after the step under way, and says so", async () => {
  const { run, messages } = watched(async function* (clock, signal) {
    for await (const row of steps(clock, signal)) {
      yield row;
      if (row.step === 5) run.stop();
    }
  });
  const ended = await run;
  assertEquals([ended.stopped, ended.rows.length, run.state], [true, 5, "stopped"]);
  assertStringIncludes(messages.at(-1)!.data["text/plain"], "stopped after 0:01");
});

Deno.test("the error of a run stands in the cell, and is thrown where the run is awaited", async () => {
  const { run, messages } = watched(async function* (clock, signal) {
    yield* steps(clock, signal, 3);
    throw new Error("Cannot go on after step 3: the loss must be finite, found NaN");
  });
  await assertRejects(async () => await run, Error, "Cannot go on after step 3");
  const { data } = messages.at(-1)!;
  assertStringIncludes(data["text/plain"], "failed after 0:00: Cannot go on after step 3");
  assertStringIncludes(data["image/svg+xml"], "found NaN");
  assertEquals(run.rows.length, 3);
});

Deno.test("a picture that cannot be drawn does not end the run", async () => {
  const draw = () => {
    throw new RangeError("Cannot draw");
  };
  const { run, messages } = watched((clock, signal) => steps(clock, signal, 3), { draw });
  assertEquals((await run).rows.length, 3);
  assertStringIncludes(messages.at(-1)!.data["text/plain"], "no picture: Cannot draw");
});

Deno.test("outside of a kernel there is no cell to draw in", () => {
  assertEquals(cellScreen(), undefined);
});
