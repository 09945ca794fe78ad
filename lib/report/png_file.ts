/**
 * PNG files of few colours, as charts have them.
 *
 * @module
 */

import { deflateSync } from "node:zlib";
import { joinBytes } from "../bytes.ts";

/** Colours that a palette holds. */
const MOST_COLOURS = 256;
const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

/**
 * Writes opaque pixels as a PNG file with a palette: a third of the bytes that a file of true colours takes, so that
 * notebooks with pictures stay small. Where there are more than 256 colours, the most frequent ones stay and the
 * others become the nearest of them: shades at the edges of letters, while areas and lines keep their colour.
 *
 * @param pixels `[height, width, 4]`: red, green, blue and alpha, which is not looked at.
 */
export function paletteFile(pixels: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  const colours = new Uint32Array(width * height);
  for (let i = 0; i < colours.length; i++) {
    colours[i] = pixels[4 * i]! << 16 | pixels[4 * i + 1]! << 8 | pixels[4 * i + 2]!;
  }
  const { palette, indexOf } = paletteOf(colours);
  const lines = new Uint8Array(height * (width + 1)); // each begins with the number of its filter: 0, none
  for (let i = 0, colour = -1, index = 0; i < colours.length; i++) {
    if (colours[i] !== colour) index = indexOf.get(colour = colours[i]!)!;
    lines[i + Math.floor(i / width) + 1] = index;
  }
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint16(8, 8 << 8 | 3); // eight bits a pixel, of a palette
  return joinBytes([
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("PLTE", Uint8Array.from(palette.flatMap((colour) => [colour >> 16, colour >> 8 & 255, colour & 255]))),
    chunk("IDAT", deflateSync(lines, { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ]);
}

/** Finds at most 256 colours, and which of them stands for each colour that occurs. */
function paletteOf(colours: Uint32Array): { palette: number[]; indexOf: Map<number, number> } {
  const counts = new Map<number, number>();
  // Most pixels are like the one before: a look-up for each would take most of the time.
  for (let from = 0, to = 0; from < colours.length; from = to) {
    const colour = colours[from]!;
    while (colours[to] === colour) to++;
    counts.set(colour, (counts.get(colour) ?? 0) + to - from);
  }
  const frequent = [...counts].sort(([, a], [, b]) => b - a).map(([colour]) => colour);
  const palette = frequent.slice(0, MOST_COLOURS);
  const indexOf = new Map(palette.map((colour, i) => [colour, i]));
  for (const colour of frequent.slice(MOST_COLOURS)) indexOf.set(colour, nearest(colour, palette));
  return { palette, indexOf };
}

/** Finds the colour of the palette that differs least, by the squares of red, green and blue. */
function nearest(colour: number, palette: readonly number[]): number {
  let found = 0, least = Infinity;
  for (const [i, other] of palette.entries()) {
    const red = (colour >> 16) - (other >> 16), green = (colour >> 8 & 255) - (other >> 8 & 255);
    const distance = red ** 2 + green ** 2 + ((colour & 255) - (other & 255)) ** 2;
    if (distance < least) [found, least] = [i, distance];
  }
  return found;
}

function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const body = joinBytes([new TextEncoder().encode(type), data]);
  return joinBytes([bigEndian(data.length), body, bigEndian(checksum(body))]);
}

/** CRC-32, as PNG has it. */
function checksum(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? sum >>> 1 ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

function bigEndian(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255);
}
