/**
 * Charts, as the functions of `notebook.ts` draw them.
 *
 * @module
 */

import type { View } from "./view.ts";

/** An SVG document as it is; its title is what is said in words. */
export const chartView: View<string> = {
  accepts: (value) => typeof value === "string" && value.startsWith("<svg"),
  draw: (svg, { title }) => ({ svg, text: title ?? `Chart: ${titleOf(svg)}` }),
};

/** The title of a chart is its only text of that size. */
function titleOf(svg: string): string {
  const text = /font-size="16"[^>]*>(?:<[^>]*>)*([^<]+)/.exec(svg)?.[1] ?? "untitled";
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
