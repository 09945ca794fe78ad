import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { jupyterDisplay, lossChart, type MimeBundle, show, type Showable, type ShowOptions } from "../../notebook.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import type { StoreManifest } from "../../lib/distill/store/manifest.ts";
import { Model } from "../../lib/model/model.ts";
import type { PipelineRecord } from "../../lib/pipeline/pipeline.ts";
import { prepareSubNetworkSearch, searchSubNetworks } from "../../lib/search/prepare.ts";
import { dimensionsOf } from "../../lib/subnet/dimensions.ts";
import { searchSpace } from "../../lib/subnet/search_space.ts";
import { largeParameters, smallNeoX } from "../model/small_neox.ts";

/** Checks that a bundle has all three forms, and returns its text. */
function textOf(bundle: MimeBundle): string {
  assertEquals(Object.keys(bundle).sort(), ["image/png", "image/svg+xml", "text/plain"]);
  assert(bundle["image/svg+xml"].startsWith("<svg"));
  assertEquals([...Uint8Array.fromBase64(bundle["image/png"]!).subarray(1, 4)], [80, 78, 71]);
  assert(JSON.stringify(bundle).length < 200_000);
  return bundle["text/plain"];
}

const shown = (value: Showable, options?: ShowOptions) => textOf(show(value, options)[jupyterDisplay]());

const row = { lr: 1e-3, grad_norm: 1, flops: 1e6, tokens_per_s: 900, step_ms: 140, elapsed_s: 61 };
const rows = [
  { ...row, step: 1, tokens: 128, loss: 5.5 },
  { ...row, step: 2, tokens: 256, loss: 5.25, val_loss: 5.375, val_bpb: 2.5 },
];
const full = searchSpace("fine-layerwise", dimensionsOf(smallNeoX)).largest();

Deno.test("a log shows its curve, from the first row on, and where the training is", () => {
  assertEquals(shown(rows.slice(0, 1)), "step 1, 128 tokens, loss 5.500\n900 tokens/s, 1:01");
  assertEquals(
    shown(rows),
    "step 2, 256 tokens, loss 5.250, validation 5.375 nats a token, 2.500 bits per byte\n900 tokens/s, 1:01",
  );
  assertStringIncludes(show(rows, { title: "Mine" }).picture().svg, ">Mine<");
});

Deno.test("a pipeline shows the curve of its training, and each stage in a line, the last one first", () => {
  const records: PipelineRecord[] = [
    { stage: "inherit", inherited: { subNetwork: full, parameters: 1234, loss: 6.5 } as never },
    { stage: "begin", steps: 40 },
  ];
  assertStringIncludes(shown(records), "training of 40 steps\nstudent: layers 0, 1, width 24");
  records.push(...rows.map((row) => ({ stage: "train", row }) as const));
  assertStringIncludes(shown(records), "step 2, 256 tokens");
  assertStringIncludes(show(records).picture().svg, "training tokens");
});

Deno.test("a pipeline's search is drawn with what it judged by", () => {
  const candidate = { evaluation: 1, generation: 0, fitness: 5, best: 5, flops: 1e6 };
  const records = [
    { stage: "prepare", search: { space: { name: "fine" }, config: { evaluations: 40, fitness: "trained" } } },
    { stage: "search", generation: { last: candidate, best: candidate, perSecond: 2 } },
  ] as unknown as PipelineRecord[];
  assertStringIncludes(show(records).picture().svg, "loss after training, nats per token");
  assertStringIncludes(show(records.slice(1)).picture().svg, "↑ nats per token");
});

Deno.test("what is shown by a class of the library shows itself, once notebook.ts is there", async () => {
  using device = await openDevice("cpu", { threads: 1 });
  using model = await Model.create(device, smallNeoX, largeParameters(smallNeoX));
  const own = (value: object) => textOf((value as Record<symbol, () => MimeBundle>)[jupyterDisplay]!());
  assertStringIncludes(own(device), "CPU, WebAssembly");
  assertStringIncludes(own(model), "2 of width 24");
  const tokens = Uint32Array.from({ length: 400 }, (_, i) => (i * 7 + i % 5) % 37);
  const options = {
    space: "coarse-layerwise",
    params: "0.6x",
    evaluations: 4,
    population: 4,
    calibrationTokens: "56",
  } as const;
  const search = await prepareSubNetworkSearch(model, options, { tokens });
  assertStringIncludes(own(search), "0 evaluated, not ended");
  const { params: _, ...others } = options;
  const other = await prepareSubNetworkSearch(model, { ...others, budgetFlops: "0.6x", fitness: "kl" }, { tokens });
  assertMatch(own(other), /bin +[\d,]+ to [\d,]+ forward FLOPs a token\n/);
  assertMatch(own(other), /judged by +divergence from the teacher before any training\n/);
  const found = await Array.fromAsync(searchSubNetworks(model, options, { tokens }));
  assertStringIncludes(shown(found), "4 evaluations in");
  assertStringIncludes(shown(found, { as: "front" }), "among 4 candidates");
  for (const as of ["search", "front"] as const) {
    const { svg } = show(found, { as, fitness: "kl" }).picture();
    assertStringIncludes(svg, "divergence from the teacher before any training, nats per token");
  }
});

Deno.test("a chart shows itself as it is, and its title in words", () => {
  const chart = lossChart(rows, { title: "Mine & yours" });
  assertEquals(shown(chart), "Chart: Mine & yours");
  assertEquals(show(chart).picture().svg, chart);
  assertEquals(shown(chart, { title: "A run" }), "A run");
  assertThrows(() => show("no chart"), TypeError, "Cannot show the value: it must be rows, a chart,");
});

Deno.test("an adapter shows its limits", async () => {
  const adapter = await navigator.gpu.requestAdapter();
  assertStringIncludes(shown(adapter!), "maxStorageBufferBindingSize");
});

Deno.test("a sub-network shows its sizes, and with its teacher a map and what share of it that is", () => {
  assertStringIncludes(shown(full), "sub-network: layers 0, 1, width 24");
  assertStringIncludes(show(full).picture().svg, "3 heads of 8 dimensions, 50 neurons");
  assertStringIncludes(shown(full, { teacher: smallNeoX }), "100.0% of the teacher's");
});

Deno.test("importance shows a heat map, and is not taken for a sub-network", () => {
  const block = { groups: [1, 2, 3], headsInGroup: [1], headDims: [1, 1], mlp: [3, 2, 1] };
  const importance = { layers: Float64Array.of(1, 4), width: Float64Array.of(1, 1), blocks: [block, block] };
  assertEquals(shown(importance), "importance: 2 layers, highest of layer 1");
});

Deno.test("a tensor shows its type, its shape, its range, and how many values are not finite", () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, NaN);
  assertEquals(
    shown(values, { shape: [2, 3], title: "x" }),
    "x: float32 [2, 3], 1.000 to 5.000, mean 3.00 ± 1.41, 1 not finite",
  );
  assertStringIncludes(show(values, { shape: [2, 3] }).picture().svg, "2 rows down, 3 columns across");
  assertStringIncludes(shown(Uint32Array.of(7, 7)), "uint32 [2], 7.000 to 7.000, mean 7.00 ± 0.00");
  assertThrows(
    () => show(values, { shape: [2, 2] }).picture(),
    RangeError,
    "Cannot show the tensor: 'shape' must have 6 elements, the number of values, found [2,2]",
  );
});

Deno.test("parameters and captured activations show a line each", () => {
  const text = shown(new Map([["a", Float32Array.of(0, 2)], ["b.weight", Float32Array.of(-1)]]));
  assertEquals(text.split("\n")[2], "  b.weight  1 values, -1.000 to -1.000, mean -1.00 ± 0.00");
});

Deno.test("a profile shows the share of each kernel, and beside the peak how near it is", () => {
  const kernel = { calls: 2, gflops: 10, gigabytesPerSecond: 1.5 };
  const profile = [
    { ...kernel, kernel: "matmul", milliseconds: 3 },
    { ...kernel, kernel: "gelu", milliseconds: 1 },
  ];
  const text = shown(profile);
  assertStringIncludes(text, "75.0%");
  const peak = { gflops: 20, gigabytesPerSecond: 30 };
  assertStringIncludes(shown(profile, { peak }), "measured peak: 20.0 GFLOP/s");
  assertStringIncludes(show(profile, { peak }).picture().svg, "50.0% of compute");
});

Deno.test("a store, finished or not, shows what it keeps and how far it is", () => {
  const hash = "ab".repeat(32);
  const manifest: StoreManifest = {
    ...{ format: "offshoot logits 1", teacher: { hash, flopsPerToken: 2e6 }, tokenizerHash: hash, endOfText: 0 },
    ...{ vocabularySize: 512, tokensHash: hash, sequence: 64, temperature: 1, kind: "top-k", k: 16, seed: 0 },
    ...{ windows: 10, shardWindows: 4, bytesPerToken: 50 },
    shards: [{ file: "a.logits", windows: 4, bytes: 12_800, sha256: hash }],
  };
  assertStringIncludes(shown(manifest), "4 of 10, 64 tokens each");
});

Deno.test("rows of one's own show the last of them", () => {
  assertStringIncludes(shown([{ epoch: 1, error: 0.5 }, { epoch: 2, error: 0.25 }]), "error  0.25");
});

Deno.test("what cannot be shown is refused when it is wrapped, not when it is displayed", () => {
  for (const [value, found] of [[[], "no rows"], [7, "7"], [new Date(), "an object of Date"]] as const) {
    assertThrows(() => show(value as never), TypeError, `found ${found}; display it as it is`);
  }
});
