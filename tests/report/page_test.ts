import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseHTML } from "linkedom";
import { lossChart } from "../../lib/report/loss_chart.ts";
import { escapeHtml, renderPage } from "../../lib/report/page.ts";

const NASTY = `<script>alert("1")</script> & 'more'`;
const svg = lossChart([{ tokens: 1, loss: 2, val_loss: 2, val_bpb: 1 }, {
  tokens: 2,
  loss: 1,
  val_loss: 1,
  val_bpb: 0.5,
}], {
  title: NASTY,
  references: [{ name: NASTY, loss: 1.5 }],
  inline: true,
});
const page = renderPage({
  title: NASTY,
  summary: NASTY,
  sections: [
    {
      heading: NASTY,
      parts: [
        { kind: "text", text: NASTY },
        { kind: "chart", svg, label: NASTY },
        { kind: "table", titles: [NASTY, "b"], rows: [[NASTY, "1"], ["c", "2"]] },
        { kind: "quote", who: NASTY, prompt: NASTY, text: `line\n${NASTY}` },
      ],
    },
    { heading: "Folded", folded: true, parts: [] },
  ],
});

/** Elements that are open at the end of an HTML text, in which every one but void ones must be closed. */
function unclosed(html: string): string[] {
  const open: string[] = [];
  for (const [, slash, name, rest] of html.matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:"[^"]*"|[^>"])*)>/g)) {
    if (["meta", "br"].includes(name!) || rest!.endsWith("/")) continue;
    if (!slash) open.push(name!);
    else if (open.pop() !== name) return [`</${name}> where it does not belong`];
  }
  return open;
}

Deno.test("a page is escaped everywhere, has no script and needs no other file", () => {
  const { document } = parseHTML(page) as unknown as { document: { querySelectorAll(selector: string): unknown[] } };
  assertEquals(document.querySelectorAll("script").length, 0);
  assert(!/<[^>]*\s(src|href)=|@import|url\(/.test(page), "nothing may be loaded");
  assertEquals(page.split(NASTY).length, 1);
});

Deno.test("a page is well formed", () => {
  assertEquals(unclosed(page), []);
  assertEquals(unclosed("<p><b></p>"), ["</p> where it does not belong"]);
});

Deno.test("a page says what it was given, whitespace of samples included", () => {
  type Element = { textContent: string; getAttribute(name: string): string };
  const { document } = parseHTML(page) as unknown as { document: { querySelector(selector: string): Element } };
  const text = (selector: string) => document.querySelector(selector).textContent;
  for (const selector of ["title", "h1", ".summary", "section h2", "section p", "th", "td"]) {
    assertEquals(text(selector), NASTY, selector);
  }
  assertEquals(text("blockquote"), `${NASTY}${NASTY}line\n${NASTY}`);
  assertEquals(document.querySelector("figure").getAttribute("aria-label"), NASTY);
  assertEquals(text("details summary"), "Folded");
});

Deno.test("charts of a page take its colours, in the dark and on paper", () => {
  assertStringIncludes(svg, "currentColor");
  assertMatch(svg, /^<svg [^>]*style="background:none;color:currentColor/);
  assert(!svg.includes("#222222"), "no colour of their own for ink");
  assertStringIncludes(page, "prefers-color-scheme: dark");
  assertStringIncludes(page, "@media print");
});

Deno.test("the letters that HTML reads otherwise are written as entities", () => {
  assertEquals(escapeHtml(`<&>"'a`), "&lt;&amp;&gt;&quot;&#39;a");
});
