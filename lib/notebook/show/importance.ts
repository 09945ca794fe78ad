/**
 * What of a teacher matters.
 *
 * @module
 */

import { importanceChart } from "../../report/importance_chart.ts";
import type { Importance } from "../../subnet/orders.ts";
import { formatCount } from "../../units.ts";
import { has, type View } from "./view.ts";

/** A heat map of layers, heads and neurons. */
export const importanceView: View<Importance> = {
  // Sub-networks have fields of the same names, in which indices are plain lists.
  accepts: (value) => has(value, ["layers", "width", "blocks"]) && ArrayBuffer.isView((value as Importance).layers),
  draw: (importance, { title }) => {
    const layers = Array.from(importance.layers);
    return {
      svg: importanceChart(importance, title !== undefined ? { title } : {}),
      text: `importance: ${formatCount(layers.length)} layers, highest of layer ${layers.indexOf(Math.max(...layers))}`,
    };
  },
};
