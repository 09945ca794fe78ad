import { assertEquals } from "@std/assert";
import type { Output } from "../../lib/notebook/document.ts";
import { OutputCollector } from "../../lib/notebook/outputs.ts";

/** Collects messages for one cell. */
function collected(messages: [type: string, content: Record<string, unknown>][]): Output[] {
  const outputs: Output[] = [];
  const collector = new OutputCollector();
  for (const [type, content] of messages) collector.collect(outputs, { type, content });
  return outputs;
}

const printed = (text: string, name = "stdout") => ["stream", { name, text }] as [string, Record<string, unknown>];
const shown = (text: string, id?: string) =>
  ["display_data", { data: { "text/plain": text }, ...(id && { transient: { display_id: id } }) }] as [
    string,
    Record<string, unknown>,
  ];
const text = (output: Output) => "data" in output ? output.data["text/plain"] : "text" in output ? output.text : "";

Deno.test("text of one stream is joined, another stream or a display parts it", () => {
  const outputs = collected([printed("a\n"), printed("b\n"), printed("c\n", "stderr"), shown("d"), printed("e\n")]);
  assertEquals(outputs.map(text), ["a\nb\n", "c\n", "d", "e\n"]);
});

Deno.test("an update changes the displays of its name, also in cells before, and adds none", () => {
  const [first, second]: [Output[], Output[]] = [[], []];
  const collector = new OutputCollector();
  const send = (outputs: Output[], [type, content]: [string, Record<string, unknown>]) =>
    collector.collect(outputs, { type, content });
  send(first, shown("old", "x"));
  send(first, shown("other"));
  send(second, shown("old too", "x"));
  send(second, ["update_display_data", { data: { "text/plain": "new" }, transient: { display_id: "x" } }]);
  send(second, ["update_display_data", { data: { "text/plain": "lost" }, transient: { display_id: "y" } }]);
  assertEquals([first, second].map((outputs) => outputs.map(text)), [["new", "other"], ["new"]]);
});

Deno.test("a request to clear acts at once, or at the next output if it waits", () => {
  assertEquals(collected([printed("a"), ["clear_output", { wait: false }]]), []);
  assertEquals(collected([printed("a"), ["clear_output", { wait: true }]]).map(text), ["a"]);
  assertEquals(collected([printed("a"), ["clear_output", { wait: true }], shown("b"), shown("c")]).map(text), [
    "b",
    "c",
  ]);
});

Deno.test("values and errors keep their parts, and messages that are no outputs leave none", () => {
  const error = { ename: "TypeError", evalue: "no", traceback: ["TypeError: no"] };
  assertEquals(
    collected([
      ["status", { execution_state: "busy" }],
      ["execute_result", { data: { "text/plain": "1" }, metadata: {}, execution_count: 3 }],
      ["error", error],
    ]),
    [
      { output_type: "execute_result", data: { "text/plain": "1" }, metadata: {}, execution_count: 3 },
      { output_type: "error", ...error },
    ],
  );
});
