import { parseHTML } from "linkedom";

/** What the tests read of an element; linkedom describes the browser's document, whose types Deno leaves out. */
export interface Found {
  readonly textContent: string;
  readonly tagName: string;
  readonly parentNode: Found;
  getAttribute(name: string): string | null;
}

/** What a selector finds. */
export function find(svg: string, selector: string): Found[] {
  const { document } = parseHTML(svg) as unknown as { document: { querySelectorAll(selector: string): Found[] } };
  return [...document.querySelectorAll(selector)];
}

/** All texts of a chart. */
export function textsOf(svg: string): string[] {
  return find(svg, "text").map(({ textContent }) => textContent);
}

/** A point of a chart, or a shape in its place. */
export interface Mark {
  readonly x: number;
  readonly y: number;
  readonly fill: string | null;
  readonly opacity: string | null;
  /** `circle`, or a shape's path. */
  readonly shape: string;
}

/** All points of a chart, those of its key included. */
export function marksOf(svg: string): Mark[] {
  return find(svg, "g[aria-label=dot] > *").map((mark) => {
    const [, x, y] = /translate\(([\d.-]+),([\d.-]+)\)/.exec(mark.getAttribute("transform") ?? "") ?? [];
    const of = (name: string) => mark.getAttribute(name) ?? mark.parentNode.getAttribute(name);
    return {
      ...{ x: Number(mark.getAttribute("cx") ?? x), y: Number(mark.getAttribute("cy") ?? y) },
      ...{ fill: of("fill"), opacity: of("fill-opacity"), shape: mark.getAttribute("d") ?? "circle" },
    };
  });
}

/** Writes a chart with an element a line, so that two of them can be compared. */
export function inLines(svg: string): string {
  return svg.replaceAll("><", ">\n<");
}

/**
 * Returns pairs of heights at which labels of one group cover each other.
 *
 * @param dx By how much the group is moved to the right, which tells it from others.
 */
export function overlaps(svg: string, dx: number): string[] {
  const labels = find(svg, "g[aria-label=text]").flatMap((group) => {
    const [, moved] = /translate\(([\d.-]+)/.exec(group.getAttribute("transform") ?? "") ?? [];
    return moved === String(dx) ? [group] : [];
  }).flatMap((group) => [...(group as unknown as { childNodes: Iterable<Found> }).childNodes]);
  const heights = labels.map((label) => Number(/,([\d.-]+)\)/.exec(label.getAttribute("transform")!)![1]));
  heights.sort((a, b) => a - b);
  return heights.flatMap((y, i) => i > 0 && y - heights[i - 1]! < 16.99 ? [`${heights[i - 1]} ${y}`] : []);
}
