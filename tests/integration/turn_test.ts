import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { exists } from "../../lib/io/files.ts";
import { readModelFolder, writeModelFolder } from "../../lib/io/huggingface.ts";
import { loadModel } from "../../lib/io/model_folder.ts";
import { logits } from "../../lib/model/forward.ts";
import { importanceOf } from "../../lib/subnet/importance/mod.ts";
import { randomTokens, relativeError } from "../model/small_neox.ts";
import { runTask } from "../tasks/run_task.ts";
import { corpus, pretrainTiny } from "./tiny_run.ts";

const shared = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(shared, { recursive: true }));
const teacher = `${shared}/teacher/final`;
const trained = pretrainTiny("--out", shared, "--name", "teacher", "--quiet");

/** Runs the task; returns what it printed and where the turned teacher is. */
async function turn(name: string, from: string, ...flags: string[]) {
  assertEquals((await trained).code, 0);
  const out = `${shared}/${name}`;
  const places = ["--teacher", from, "--out", out, "--runs", shared];
  return { ...await runTask("turn", [...places, "--device", "cpu", "--calibration-tokens", "2k", ...flags]), out };
}

for (const sort of ["taylor", "activation", "none"] as const) {
  Deno.test(`a teacher that is turned and sorted by ${sort} is an ordinary folder with the logits that it had`, async () => {
    const { code, stdout, stderr, out } = await turn(sort, teacher, "--sort", sort);
    assertEquals([code, stderr], [0, ""]);
    const found =
      /^axes: .* the first (\d+) of (\d+) coordinates hold ([\d.]+)%, the first (\d+) of \d+ coordinates hold ([\d.]+)%$/m
        .exec(stdout)!;
    const [quarter, width, little, half, more] = found.slice(1).map(Number) as [number, number, number, number, number];
    assertEquals([quarter, half], [width / 4, width / 2]);
    // Any coordinates hold about their own share; the principal ones hold more.
    assert(25 < little && little < more && 50 < more && more <= 100, stdout);
    assertMatch(stdout, sort === "none" ? /^heads and neurons: as they stood$/m : RegExp(`sorted by ${sort},`));
    const [, before, after] = /^held-out loss on [\d,]+ tokens: ([\d.]+) nats before, ([\d.]+) after$/m.exec(stdout)!;
    assertAlmostEquals(Number(after), Number(before), 2e-4);

    using device = await openDevice("cpu");
    using given = await loadModel(teacher, device);
    using turned = await loadModel(out, device);
    assertEquals(turned.config, given.config);
    assertEquals(turned.tokenizerJson, given.tokenizerJson);
    const tokens = randomTokens(given.config, 2, given.config.sequence);
    assert(relativeError(await logits(turned, tokens), await logits(given, tokens)) < 1e-4);
    if (sort === "none") return;
    const calibration = randomTokens(given.config, 4, given.config.sequence).map((row) => [row]);
    const { blocks } = await importanceOf(turned, calibration, sort);
    // On other text the order is about the same: the first half of the neurons matters more than the second.
    for (const { mlp } of blocks) {
      const sum = (list: ArrayLike<number>) => Array.from(list).reduce((total, score) => total + score, 0);
      const all = Array.from(mlp), middle = all.length / 2;
      assert(sum(all.slice(0, middle)) > sum(all.slice(middle)), `${all}`);
    }
  });
}

Deno.test("a student is cut out of a turned teacher as out of any other", async () => {
  const { out } = await turn("for-students", teacher);
  const { config } = await readModelFolder(out);
  const searched = await runTask("search", [
    ...["--teacher", out, "--out", `${shared}/search`, "--runs", shared, "--corpus", corpus, "--device", "cpu"],
    ...["--space", "coarse-layerwise", "--params", "0.5x", "--tolerance", "5%", "--steps", "width=2,mlp=2"],
    ...["--population", "4", "--evaluations", "6", "--fitness", "repaired", "--calibration-tokens", "512"],
  ]);
  assertEquals([searched.code, searched.stderr], [0, ""]);
  assertStringIncludes(
    searched.stdout,
    "judged by loss after a repair, each on a half of 512 tokens of the train split",
  );
  assertMatch(searched.stdout, /cut it out: deno task extract .* --norms rescale --repair$/m);
  const best = JSON.parse(await Deno.readTextFile(`${shared}/search/best.json`));
  assert(best.width.length < config.width);
});

Deno.test("a teacher that cannot be turned, or too little text, is refused and nothing is written", async () => {
  assertEquals((await trained).code, 0);
  const stored = await readModelFolder(teacher);
  const parameters = new Map(stored.parameters);
  parameters.delete("embed_out.weight");
  const tied = `${shared}/tied`;
  await writeModelFolder(tied, { ...stored, config: { ...stored.config, tiedEmbeddings: true }, parameters });
  const refused = await turn("refused", tied, "--corpus", corpus);
  assertEquals(refused.code, 2);
  assertStringIncludes(
    refused.stderr,
    `Cannot turn '${tied}' to principal axes: its output projection must be its own`,
  );
  const short = await turn("refused", teacher, "--calibration-tokens", "10");
  assertEquals(short.code, 2);
  assertStringIncludes(short.stderr, "must hold more tokens than the teacher's width");
  assert(!await exists(`${shared}/refused`));
});
