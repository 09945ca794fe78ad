/** Options of {@linkcode parseArgs}; the names listed in them decide the type of its result. */
export interface ParseOptions {
  /** Flags that are always `true` or `false`. */
  readonly boolean?: string | readonly string[];
  /** Flags that are always strings. */
  readonly string?: string | readonly string[];
  /** Flags that may be given several times; their values are gathered in an array. */
  readonly collect?: string | readonly string[];
  /** Flags that `--no-<name>` sets to `false`. */
  readonly negatable?: string | readonly string[];
  /** Values of the flags that are not given. */
  readonly default?: Readonly<Record<string, unknown>>;
  /** Other names of a flag. */
  readonly alias?: Readonly<Record<string, string | readonly string[]>>;
  /** Whether everything after the first argument that is not a flag is left unparsed. */
  readonly stopEarly?: boolean;
  /** Whether arguments after `--` are kept apart under that name. */
  readonly "--"?: boolean;
  /** Called for each flag that no option names, and with `arg` alone for other arguments; `false` drops it. */
  readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The names that one option of {@linkcode ParseOptions} lists. */
type Names<Listed> = Listed extends readonly (infer Name extends string)[] ? Name
  : Listed extends string ? Listed
  : never;

/** The names that the options `O` list under `Key`. */
type NamesIn<O, Key extends keyof ParseOptions> = O extends { readonly [_ in Key]: infer Listed } ? Names<Listed>
  : never;

/** The literal types of defaults, widened to what a user may give in their place. */
type Widened<T> = T extends string ? string : T extends number ? number : T extends boolean ? boolean : T;

/** The flags' defaults, by name. */
type Defaults<O> = O extends { readonly default: infer D } ? D : Record<never, never>;

/** The type of flag `Name` whose given values are `Value`: an array if collected, with its default if it has one. */
type Flag<O, Name extends string, Value, Absent> = Name extends NamesIn<O, "collect"> ? Value[]
  : Name extends keyof Defaults<O> ? Value | Widened<Defaults<O>[Name]>
  : Value | Absent;

/** The result of {@linkcode parseArgs} under the options `O`. */
export type ParsedArgs<O extends ParseOptions> =
  & { [Name in NamesIn<O, "boolean">]: Flag<O, Name, boolean, never> }
  & { [Name in NamesIn<O, "string">]: Flag<O, Name, string, undefined> }
  & { [Name in Exclude<NamesIn<O, "collect">, NamesIn<O, "boolean" | "string">>]: unknown[] }
  & { [Name in Exclude<keyof Defaults<O>, NamesIn<O, "boolean" | "string" | "collect">>]: unknown }
  & (O extends { readonly "--": true } ? { "--": string[] } : unknown)
  & { _: (string | number)[]; [name: string]: unknown };

/**
 * Parses command-line arguments into flags by name, and the other arguments under `_`.
 *
 * A flag that looks like a number becomes one unless it is listed under `string`.
 */
export function parseArgs<const O extends ParseOptions>(args: string[], options?: O): ParsedArgs<O>;
