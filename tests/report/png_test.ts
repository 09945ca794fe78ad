import { assert, assertEquals, assertThrows } from "@std/assert";
import { pngOf } from "../../lib/report/png.ts";

const svg = (content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40" font-family="system-ui, sans-serif">${content}</svg>`;

/** Width and height stand in the first chunk of a PNG, big-endian. */
function sizeOf(png: Uint8Array<ArrayBuffer>): [width: number, height: number] {
  const view = new DataView(png.buffer);
  return [view.getUint32(16), view.getUint32(20)];
}

Deno.test("a PNG has the SVG's size twice over, or as many times as asked", () => {
  assertEquals(sizeOf(pngOf(svg("<rect width='9' height='9'/>"))), [240, 80]);
  assertEquals(sizeOf(pngOf(svg(""), { scale: 1 })), [120, 40]);
});

Deno.test("text is drawn with the fonts that come with the project, on a machine without any", () => {
  const empty = pngOf(svg("")).length;
  assert(pngOf(svg("<text y='20'>tokens</text>")).length > 2 * empty);
  const bold = pngOf(svg("<text y='20' font-weight='600'>tokens</text>"));
  assert(bold.toBase64() !== pngOf(svg("<text y='20'>tokens</text>")).toBase64());
});

Deno.test("the font has the arrows, lines and dots that charts draw", () => {
  const missing = pngOf(svg("<text y='20'>\u4e00</text>")).toBase64();
  for (const letter of "↑↓→●─┄±×·…μσ∞²−–") {
    assert(pngOf(svg(`<text y='20'>${letter}</text>`)).toBase64() !== missing, letter);
  }
});

Deno.test("what is no SVG, or a scale of nothing, is refused", () => {
  assertThrows(() => pngOf("<p>hello</p>"), RangeError, "Cannot draw the picture: it must be an SVG document, found:");
  assertThrows(
    () => pngOf(svg(""), { scale: 0 }),
    RangeError,
    "Cannot draw the picture: 'scale' must be a number above 0, found 0",
  );
});
