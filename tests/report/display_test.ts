import { assert, assertEquals } from "@std/assert";
import { bundleOf, jupyterDisplay, vectorBundleOf } from "../../lib/report/display.ts";
import { lossChart } from "../../lib/report/loss_chart.ts";
import { pngOf } from "../../lib/report/png.ts";

const rows = [{ tokens: 1000, loss: 7 }, { tokens: 2000, loss: 6, val_loss: 6, val_bpb: 2.4 }];
const picture = { svg: lossChart(rows), text: "a run" };

Deno.test("a bundle holds a chart as SVG, as PNG in base64, and in words", () => {
  const bundle = bundleOf(picture);
  assertEquals(bundle["text/plain"], "a run");
  assertEquals(bundle["image/svg+xml"], picture.svg);
  assertEquals(Uint8Array.fromBase64(bundle["image/png"]!), pngOf(picture.svg));
});

Deno.test("a chart's bundle is small enough for a notebook of ten to stay below a megabyte", () => {
  assert(JSON.stringify(bundleOf(picture)).length < 100_000);
});

Deno.test("a picture that is soon replaced goes without PNG", () => {
  assertEquals(Object.keys(vectorBundleOf(picture)), ["text/plain", "image/svg+xml"]);
});

Deno.test("the symbol is the kernel's", () => {
  assertEquals(jupyterDisplay, Symbol.for("Jupyter.display"));
});
