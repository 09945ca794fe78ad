import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exists } from "../../lib/io/files.ts";
import { resolveConfig } from "../../lib/train/config.ts";
import { train } from "../../lib/train/pretrain.ts";
import { openRun } from "../../lib/train/run.ts";
import { inFolder } from "../io/temporary_folder.ts";
import { corpus, pretrainTiny } from "./tiny_run.ts";

Deno.test("in a pipe a run prints what it decided, plain rows, the baselines, a sample and where the model is", () =>
  inFolder(async (folder) => {
    const { stdout, stderr } = await pretrainTiny("--out", `${folder}/two words`, "--steps", "12");
    assertEquals(stderr, "");
    assertMatch(stdout, /^preset tiny: 2 layers, width 16, .* parameters\n/);
    assertMatch(stdout, /^device: (CPU|WebGPU), .+, because .+$/m);
    assertMatch(stdout, /^baselines on the validation split: unigram [\d.]+ nats .*, bigram [\d.]+ \([\d.]+\)$/m);
    assertMatch(stdout, /^ +step +tokens +loss .*\n +1 +256 .*\n +5 +1280 .*\n +10 +2560 .*\n +12 +3072 /m);
    assertMatch(stdout, /^sample: "The American people.*"$/m);
    assertMatch(stdout, /^validation loss [\d.]+ nats, perplexity [\d.]+, [\d.]+ bits per byte \(unigram /m);
    const final = `${folder}/two words/tiny/final`;
    const done = `done: the model is in '${final}'; try: deno task generate '${final}' --prompt "We must"\n`;
    assertEquals(stdout.slice(stdout.lastIndexOf("\n", stdout.length - 2) + 1), done);
    assert(!stdout.includes("\x1b"), "no colours, no cursor movements");
  }));

Deno.test("a quiet run prints where the model is; a config file, relative paths and flags work together", () =>
  inFolder(async (folder) => {
    await Deno.copyFile(corpus, `${folder}/speeches.jsonl`);
    const config = { preset: "tiny", corpus: "speeches.jsonl", batch: 4, steps: 2, out: "my runs", quiet: true };
    await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify(config));
    const script = new URL("../../tasks/pretrain.ts", import.meta.url).href;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", script, "--config", "config.json", "--steps", "3"],
      cwd: folder,
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assertEquals([code, text(stderr)], [0, ""]);
    assertMatch(text(stdout), /^done: the model is in 'my runs\/tiny\/final'; try: [^\n]*\n$/);
    assertEquals(JSON.parse(await Deno.readTextFile(`${folder}/my runs/tiny/config.json`)).steps, 3);
  }));

Deno.test("runs without a name are numbered, also past gaps", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/tiny-4/other files`, { recursive: true });
    const { stdout } = await pretrainTiny("--out", folder, "--steps", "1", "--warmup", "0", "--quiet");
    assertStringIncludes(stdout, `'${folder}/tiny-5/final'`);
  }));

Deno.test("a profile names the kernels with times and shares of the peak that was measured", () =>
  inFolder(async (folder) => {
    const { code, stdout, stderr } = await pretrainTiny("--out", folder, "--steps", "3", "--profile");
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^kernel +calls +ms +share +GFLOP\/s +GB\/s/m);
    assertMatch(stdout, /^adamw +3 /m);
    assertMatch(stdout, /^measured peak: [\d.]+ GFLOP\/s, [\d.]+ GB\/s$/m);
  }));

Deno.test("a dry run prints parameters, FLOPs, memory and the largest binding, and writes nothing", () =>
  inFolder(async (folder) => {
    const { code, stdout, stderr } = await pretrainTiny("--out", `${folder}/runs`, "--dry-run");
    assertEquals([code, stderr, await exists(`${folder}/runs`)], [0, "", false]);
    assertMatch(stdout, /^parameters: 16,832$/m);
    assertMatch(stdout, /^training FLOPs per token: [\d.]+e\+4; for [\d,]+ tokens: [\d.]+e\+\d+$/m);
    assertMatch(stdout, /^largest binding: [\d.]+ KiB$/m);
    assertMatch(stdout, /^launches: \d+ a pass, \d+ an update$/m);

    using run = await openRun({
      ...resolveConfig({ preset: "tiny", batch: 8, microBatch: 4, steps: 48, evalTokens: 256 }),
      corpus,
      out: folder,
    });
    await train(run).next();
    assertStringIncludes(stdout, `(${run.device.counters.bytes.toLocaleString("en-US")} bytes)`);
  }));
