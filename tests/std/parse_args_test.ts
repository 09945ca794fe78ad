import { assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli";

/** Accepts a value of exactly the type `Expected`, so that `deno check` tests the types. */
function ofType<Expected>(
  value: Expected,
): { exactly<Found extends Expected>(found: [Expected] extends [Found] ? Found : never): void } {
  return { exactly: (found) => assertEquals<unknown>(found, value) };
}

Deno.test("flags have the types that their options say", () => {
  const flags = parseArgs(["folder", "--json", "--name", "07", "--peer=a", "--peer=b", "--steps", "3", "--no-bar"], {
    boolean: ["json", "quiet", "bar"],
    string: ["name", "out", "seed", "peer"],
    collect: ["peer"],
    negatable: ["bar"],
    default: { out: "runs", bar: true },
  });
  ofType<boolean>(true).exactly(flags.json);
  ofType<boolean>(false).exactly(flags.quiet);
  ofType<boolean>(false).exactly(flags.bar);
  ofType<string | undefined>("07").exactly(flags.name);
  ofType<string | undefined>(undefined).exactly(flags.seed);
  ofType<string>("runs").exactly(flags.out);
  ofType<string[]>(["a", "b"]).exactly(flags.peer);
  ofType<unknown>(3).exactly(flags["steps"]);
  ofType<(string | number)[]>(["folder"]).exactly(flags._);
});

Deno.test("arguments after -- are kept apart when asked for, and aliases fill both names", () => {
  const flags = parseArgs(["-o", "here", "--", "--there"], { string: ["out"], alias: { out: "o" }, "--": true });
  ofType<string[]>(["--there"]).exactly(flags["--"]);
  assertEquals([flags.out, flags["o"], flags._], ["here", "here", []]);
});

Deno.test("unknown flags can be gathered", () => {
  const found: string[] = [];
  parseArgs(["--steps", "--stpes"], { boolean: ["steps"], unknown: (argument) => found.push(argument) });
  assertEquals(found, ["--stpes"]);
});
