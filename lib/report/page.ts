/**
 * Report pages: one HTML file that needs nothing else, and no script.
 *
 * @module
 */

/** A part of a section. */
export type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "chart"; readonly svg: string; readonly label: string }
  | { readonly kind: "table"; readonly titles: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: "quote"; readonly who: string; readonly prompt: string; readonly text: string };

/** A section under a heading. */
export interface Section {
  readonly heading: string;
  readonly parts: readonly Part[];
  /** Whether it opens only when it is asked for; in print it stays closed. @default {false} */
  readonly folded?: boolean;
}

/** A page. */
export interface Page {
  readonly title: string;
  /** What is to be known first, in a paragraph. */
  readonly summary: string;
  readonly sections: readonly Section[];
}

const STYLE = `
:root { color-scheme: light dark; --ink: #222; --soft: #595959; --paper: #fff; --line: #ccc; --tint: #f5f5f2;
  --blue: #0072b2; --sky: #56b4e9; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e4; --soft: #a8a8a2; --paper: #16181a; --line: #44484c; --tint: #202326;
    --blue: #56b4e9; --sky: #b3e0f9; }
}
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #444; --paper: #fff; --line: #bbb; --tint: #fff;
    --blue: #0072b2; --sky: #56b4e9; }
  figure, table, blockquote { break-inside: avoid; }
}
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 47rem; color: var(--ink); background: var(--paper);
  font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 0.75rem; border-top: 1px solid var(--line); padding-top: 1.25rem; }
.summary { font-size: 1.08rem; }
figure { margin: 1rem 0; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; color: var(--ink); }
@media (max-width: 35rem) { figure svg { max-width: none; } }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.75rem 0.3rem 0; text-align: right; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
th:first-child, td:first-child { text-align: left; }
blockquote { margin: 1rem 0; padding: 0.75rem 1rem; background: var(--tint); border-left: 4px solid var(--blue);
  white-space: pre-wrap; overflow-wrap: anywhere; }
blockquote cite { display: block; color: var(--soft); font-style: normal; font-size: 0.9rem; }
summary { cursor: pointer; }
summary h2 { display: inline-block; border: 0; padding: 0; }
footer { margin-top: 3rem; color: var(--soft); font-size: 0.9rem; }`;

/** Writes text so that it is text in HTML, between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (letter) => entities[letter]!);
}

/** Writes a page as an HTML document. Charts stand as they are; all else is escaped. */
export function renderPage({ title, summary, sections }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}
</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p class="summary">${escapeHtml(summary)}</p>
${sections.map(renderSection).join("\n")}
</main>
<footer>Written by Offshoot from the files of the run.</footer>
</body>
</html>
`;
}

function renderSection({ heading, parts, folded = false }: Section): string {
  const title = `<h2>${escapeHtml(heading)}</h2>`;
  const body = parts.map(renderPart).join("\n");
  return folded
    ? `<details>\n<summary>${title}</summary>\n${body}\n</details>`
    : `<section>\n${title}\n${body}\n</section>`;
}

function renderPart(part: Part): string {
  switch (part.kind) {
    case "text":
      return `<p>${escapeHtml(part.text)}</p>`;
    case "chart":
      return `<figure role="img" aria-label="${escapeHtml(part.label)}">\n${part.svg}\n</figure>`;
    case "table":
      return renderTable(part.titles, part.rows);
    case "quote":
      return `<blockquote><cite>${escapeHtml(part.who)}</cite><b>${escapeHtml(part.prompt)}</b>${
        escapeHtml(part.text)
      }</blockquote>`;
  }
}

function renderTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: "td" | "th") =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  const body = rows.map((row) => line(row, "td")).join("\n");
  return `<div class="scroll"><table>\n<thead>${
    line(titles, "th")
  }</thead>\n<tbody>\n${body}\n</tbody>\n</table></div>`;
}
