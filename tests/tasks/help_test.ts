import { assert, assertEquals, assertMatch } from "@std/assert";
import { exists } from "../../lib/io/files.ts";
import { runTask } from "./run_task.ts";

const root = new URL("../../", import.meta.url);
const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root))) as {
  tasks: Record<string, { command: string }>;
};
const scripts = new Map(
  Object.entries(tasks).flatMap(([task, { command }]) => {
    const script = /deno run -A tasks\/(\w+)\.ts$/.exec(command)?.[1];
    return script ? [[task, script] as const] : [];
  }),
);
const helps = new Map(
  await Promise.all([...scripts].map(async ([task, script]) => [task, await runTask(script, ["--help"])] as const)),
);

Deno.test("every task of this project prints its help, lines to copy first", () => {
  assert(scripts.size > 15);
  for (const [task, { code, stdout, stderr }] of helps) {
    assertEquals([code, stderr], [0, ""], task);
    const [examples, usage] = stdout.split("\n\n");
    assert(examples!.split("\n").some((line) => line.startsWith(`deno task ${task}`)), task);
    assert(usage!.startsWith(`deno task ${task}`), task);
    assertMatch(stdout, /^ {2}--help, -h/m);
  }
});

Deno.test("what help offers to copy names tasks and flags that exist, and models that come with the project", async () => {
  for (const [, { stdout }] of helps) {
    for (const line of stdout.split("\n\n")[0]!.split("\n").filter((line) => line.startsWith("deno task"))) {
      const [, task] = /^deno task ([\w:]+)/.exec(line)!;
      const help = helps.get(task!);
      assert(help, `${line}: there is no such task`);
      for (const [flag] of line.matchAll(/--[a-z][\w-]*/g)) {
        assertMatch(help.stdout, new RegExp(`^  (${flag}|--\\[no-\\]${flag.slice(2)})\\b`, "m"), line);
      }
      for (const [folder] of line.matchAll(/fixtures\/[\w/.-]+/g)) {
        assert(await exists(new URL(folder, root).pathname), line);
      }
    }
  }
});

Deno.test("the help of pretrain names the defaults of a student, which are not those of a run from random weights", () => {
  const { stdout } = helps.get("pretrain")!;
  assertMatch(stdout, /other defaults than those below:\n--batch 8 --tokens 720896 .*--schedule linear .*--alpha 0.3 /);
  assertMatch(stdout, /^ {2}--alpha <[^]*?default 0.5$/m);
});
