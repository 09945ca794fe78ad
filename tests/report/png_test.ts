import { Resvg } from "@resvg/resvg-js";
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

Deno.test("a picture is on white paper, and keeps the colours of its areas in a file that other decoders read", () => {
  const fades = Array.from({ length: 600 }, (_, i) => {
    const colour = `rgb(${i % 256},${(i * 7) % 256},${(i * 13) % 256})`;
    return `<rect x="${i % 60}" y="${20 + Math.floor(i / 60)}" width="1" height="1" fill="${colour}"/>`;
  });
  const faint = '<rect x="70" width="9" height="20" fill="#f1f1f1"/>'; // as lines of a grid are
  const areas = svg(`<rect width="60" height="20" fill="#d55e00"/>${faint}${fades.join("")}`);
  const png = pngOf(areas, { scale: 1 });
  const plain = new Resvg(areas, { background: "white" }).render();
  const read = new Resvg(svg(`<image width="120" height="40" href="data:image/png;base64,${png.toBase64()}"/>`))
    .render();
  const at = (x: number, y: number) => [...read.pixels.subarray(4 * (120 * y + x), 4 * (120 * y + x) + 4)];
  assertEquals(at(30, 10), [0xd5, 0x5e, 0, 255]);
  assertEquals(at(75, 10), [0xf1, 0xf1, 0xf1, 255]);
  assertEquals(at(100, 10), [255, 255, 255, 255]);
  const furthest = plain.pixels.reduce((most, value, i) => Math.max(most, Math.abs(value - read.pixels[i]!)), 0);
  assert(furthest < 64, `${furthest}`);
});
