import { assertEquals } from "@std/assert";
import * as Plot from "@observablehq/plot";
import { drawChart } from "../../lib/report/chart.ts";

Deno.test("positions are written to hundredths of a pixel, texts and opacities as they are", () => {
  const svg = drawChart({
    axis: null,
    marks: [
      Plot.dot([[0, 0], [1 / 3, 2 / 3], [1, 1]], { fillOpacity: 0.12345 }),
      Plot.text([[1 / 3, 1]], { text: ["0.98765"] }),
    ],
  }, {});
  const numbers = [...svg.matchAll(/(opacity=")?\d+\.\d+/g)].map(([number]) => number);
  assertEquals(numbers.filter((number) => /\.\d{3,}$/.test(number)), ['opacity="0.12345', "0.98765"]);
});
