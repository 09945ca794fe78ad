/**
 * A run's progress as rows of text; `lib/io/terminal.ts` draws the same rows as a bar on a terminal.
 *
 * @module
 */

/** What progress shows of a log row; log rows have these names. */
export interface ProgressRow {
  /** Optimizer steps taken. */
  readonly step: number;
  /** Tokens trained on. */
  readonly tokens: number;
  /** Training loss, in nats per token. */
  readonly loss: number;
  /** Cross-entropy of a student that has a teacher, in nats per token. */
  readonly cross_entropy?: number;
  /** Learning rate of the step. */
  readonly lr: number;
  /** Global norm of the gradient before clipping. */
  readonly grad_norm: number;
  /** Training speed. */
  readonly tokens_per_s: number;
  /** Time of a step, in milliseconds. */
  readonly step_ms: number;
  /** Time since the run began, in seconds. */
  readonly elapsed_s: number;
  /** Validation loss, in nats per token, on rows that follow a validation. */
  readonly val_loss?: number;
  /** Validation loss in bits per byte, which compares across tokenizers. */
  readonly val_bpb?: number;
}

/** Shows a run while it goes on. */
export interface Progress extends Disposable {
  /** Shows a log row. */
  row(row: ProgressRow): void;
  /** Prints a line of text that stays. */
  note(text: string): void;
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly text: (row: ProgressRow) => string;
  /** Whether a run of such rows has the column. @default all runs */
  readonly of?: (row: ProgressRow) => boolean;
}

const columns: readonly Column[] = [
  { title: "step", width: 7, text: ({ step }) => String(step) },
  { title: "tokens", width: 12, text: ({ tokens }) => String(tokens) },
  { title: "loss", width: 9, text: ({ loss }) => loss.toFixed(4) },
  {
    ...{ title: "cross-ent", width: 11, of: ({ cross_entropy }) => cross_entropy !== undefined },
    text: ({ cross_entropy }) => cross_entropy?.toFixed(4) ?? "-",
  },
  { title: "lr", width: 10, text: ({ lr }) => lr.toExponential(2) },
  { title: "grad norm", width: 11, text: ({ grad_norm }) => grad_norm.toFixed(3) },
  { title: "tokens/s", width: 10, text: ({ tokens_per_s }) => tokens_per_s.toFixed(0) },
  { title: "ms/step", width: 9, text: ({ step_ms }) => step_ms.toFixed(1) },
  { title: "val loss", width: 10, text: ({ val_loss }) => val_loss?.toFixed(4) ?? "-" },
  { title: "val bpb", width: 9, text: ({ val_bpb }) => val_bpb?.toFixed(4) ?? "-" },
  { title: "elapsed", width: 9, text: ({ elapsed_s }) => formatDuration(elapsed_s) },
];

/** Returns the titles of the columns that {@linkcode formatRow} writes. */
export function rowHeader(row: ProgressRow): string {
  return columnsOf(row).map(({ title, width }) => title.padStart(width)).join("");
}

/** Writes a log row in columns of fixed width. */
export function formatRow(row: ProgressRow): string {
  return columnsOf(row).map(({ text, width }) => text(row).padStart(width)).join("");
}

function columnsOf(row: ProgressRow): readonly Column[] {
  return columns.filter(({ of = () => true }) => of(row));
}

/**
 * Writes a time as `m:ss` or `h:mm:ss`.
 *
 * @param seconds Rounded to whole seconds; not finite gives "?".
 */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/**
 * Makes an estimate of the seconds left from the rows so far.
 *
 * It measures from the first row on, so that validations count, and neither compilation nor the part before a resumed
 * run's checkpoint does.
 *
 * @param totalSteps Length of the run.
 */
export function timeLeft(totalSteps: number): (row: ProgressRow) => number {
  let first: ProgressRow | undefined;
  return (row) => {
    first ??= row;
    const steps = row.step - first.step;
    const secondsPerStep = steps > 0 ? (row.elapsed_s - first.elapsed_s) / steps : row.step_ms / 1000;
    return (totalSteps - row.step) * secondsPerStep;
  };
}

/** Shows a run as plain rows, for pipes and files; the titles come before the first row. */
export function plainProgress(print: (line: string) => void): Progress {
  let titled = false;
  return {
    row(row: ProgressRow): void {
      if (!titled) print(rowHeader(row));
      titled = true;
      print(formatRow(row));
    },
    note: print,
    [Symbol.dispose](): void {},
  };
}
