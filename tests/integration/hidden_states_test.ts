import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exists } from "../../lib/io/files.ts";
import { readModelFolder, writeModelFolder } from "../../lib/io/huggingface.ts";
import { readJson } from "../../lib/io/json.ts";
import { readLog } from "../../lib/io/run_log.ts";
import { SafetensorsFile } from "../../lib/io/safetensors.ts";
import { forwardFlopsPerToken, trainingFlopsPerToken } from "../../lib/model/flops.ts";
import { hashParameters } from "../../lib/model/parameter_hash.ts";
import { parameterSpecs } from "../../lib/model/parameters.ts";
import type { TrainRow } from "../../lib/train/records.ts";
import { upTo } from "../subnet/random_sub_network.ts";
import { runTask } from "../tasks/run_task.ts";
import { hashesOf, outcomeOf, pretrainTiny } from "./tiny_run.ts";

const shared = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(shared, { recursive: true }));
const teacher = `${shared}/teacher/final`;
assertEquals((await pretrainTiny("--out", shared, "--name", "teacher", "--layers", "3", "--steps", "8")).code, 0);
const whole = await readModelFolder(teacher);

const block = { groups: [0, 1], headsInGroup: [0], headDims: upTo(8), mlp: upTo(40) };
const subNetwork = { layers: [0, 2], width: [0, 1, 2, 3, 8, 9, 10, 15], blocks: [block, block] };

/** Cuts a student out of the teacher; returns its folder. */
async function extract(name: string, given: unknown = subNetwork): Promise<string> {
  const [subnet, out] = [`${shared}/${name}.json`, `${shared}/${name}`];
  await Deno.writeTextFile(subnet, JSON.stringify(given));
  const { code, stderr } = await runTask("extract", ["--teacher", teacher, "--subnet", subnet, "--out", out]);
  assertEquals([code, stderr], [0, ""]);
  return out;
}

const inherited = await extract("inherited");
const taught = (name: string, ...flags: string[]) => ["--out", shared, "--name", name, "--teacher", teacher, ...flags];
const fresh = ["--width", "8", "--heads", "1"];
const rowsOf = async (name: string) => await readLog(`${shared}/${name}/log.jsonl`) as unknown as TrainRow[];

/** Goes on from the middle of a run that has ended and checks that all is as it was. */
async function assertResumes(name: string, flags: string[]): Promise<void> {
  const before = await outcomeOf(`${shared}/${name}`);
  const middle = `${shared}/${name}/checkpoints/step-000024`;
  const { code, stderr } = await pretrainTiny(...taught(name, ...flags), "--resume", middle);
  assertEquals(code, 0, stderr);
  const after = await outcomeOf(`${shared}/${name}`);
  assertEquals(after.log, before.log);
  assertEquals(after.checkpoints["step-000048"], before.checkpoints["step-000048"]);
}

Deno.test("a student says what it was cut out of, in a file that is a sub-network too", async () => {
  const json = await readJson(`${inherited}/subnet.json`);
  assertEquals(json, { teacher: await hashParameters(whole.parameters), ...subNetwork });
  const again = await hashesOf(await extract("again", json));
  assertEquals(again, await hashesOf(inherited));
});

Deno.test("an inherited student is compared in its kept coordinates, and a resumed run goes on with them", async () => {
  const flags = ["--init", inherited, "--gamma", "0.5", "--distil-until", "0.75", "--log-every", "1"];
  const { code, stdout, stderr } = await pretrainTiny(...taught("kept", ...flags));
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "x forward_kl + 0.5 x relative_mse of hidden states from the teacher in");
  assertStringIncludes(
    stdout,
    "hidden states: after blocks 0, 1 the student imitates its teacher's after 0, 2, in the 8 coordinates that it kept",
  );
  const student = await readModelFolder(`${shared}/kept/final`);
  assertEquals(student.subnetJson, await readJson(`${inherited}/subnet.json`));
  for (const { step, tokens, loss, flops, ...row } of await rowsOf("kept")) {
    assertEquals([row.hidden_loss !== undefined, row.gamma], [step <= 36, undefined], `step ${step}`);
    const lessons = Math.min(step, 36) * tokens / step * forwardFlopsPerToken(whole.config);
    assertEquals(flops, tokens * trainingFlopsPerToken(student.config) + lessons);
    if (step > 36) continue;
    const expected = 0.5 * row.cross_entropy! + 0.5 * row.divergence! + 0.5 * row.hidden_loss!;
    assertAlmostEquals(loss, expected, 1e-5, `step ${step}`);
  }
  await assertResumes("kept", flags.slice(2));
});

Deno.test("any other student learns a projection, which no model folder has, and a resumed run goes on with it", async () => {
  const flags = [...fresh, "--gamma", "2:0", "--hidden", "cosine", "--layer-map", "1:2,0:0", "--log-every", "1"];
  const { code, stdout, stderr } = await pretrainTiny(...taught("projected", ...flags));
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "imitates its teacher's after 0, 2, through a projection that is learned with it");
  const final = `${shared}/projected/final`;
  const { config } = await readModelFolder(final);
  {
    using model = await SafetensorsFile.open(`${final}/model.safetensors`);
    assertEquals([...model.tensors.keys()].sort(), parameterSpecs(config).map(({ name }) => name).sort());
    using optimizer = await SafetensorsFile.open(`${final}/optimizer.safetensors`);
    for (const name of ["projection", "m.projection", "v.projection"]) {
      assertEquals(optimizer.tensors.get(name)?.shape, [whole.config.width, config.width]);
      assert(optimizer.readFloats(name).some((value) => value !== 0), name);
    }
  }
  const rows = await rowsOf("projected");
  for (const { tokens, loss, flops, gamma, cross_entropy, divergence, hidden_loss } of rows) {
    const each = trainingFlopsPerToken(config) + forwardFlopsPerToken(whole.config) + 2 * 6 * 8 * whole.config.width;
    assertEquals(flops, tokens * each);
    assertAlmostEquals(loss, 0.5 * cross_entropy! + 0.5 * divergence! + gamma! * hidden_loss!, 1e-5);
  }
  assertEquals([rows[0]!.gamma, rows.at(-1)!.gamma], [2, 0]);
  assert(rows.at(-1)!.hidden_loss! < rows[0]!.hidden_loss!, "the projection and the student learn");
  await assertResumes("projected", flags);
});

Deno.test("a whole copy of the teacher that was cut out of it has no hidden loss", async () => {
  const { layers, width, heads, mlpWidth } = whole.config;
  const all = { groups: upTo(heads), headsInGroup: [0], headDims: upTo(width / heads), mlp: upTo(mlpWidth) };
  const copy = await extract("copy", { layers: upTo(layers), width: upTo(width), blocks: upTo(layers).map(() => all) });
  for (const form of ["relative_mse", "cosine"]) {
    const flags = ["--init", copy, "--gamma", "1", "--hidden", form, "--steps", "1", "--warmup", "0"];
    const { code, stderr } = await pretrainTiny(...taught(`copy-${form}`, ...flags));
    assertEquals([code, stderr], [0, ""]);
    assertAlmostEquals((await rowsOf(`copy-${form}`))[0]!.hidden_loss!, 0, 1e-6);
  }
});

Deno.test("a student that was cut out of another teacher learns a projection and says so", async () => {
  const { config, tokenizerJson, parameters } = whole;
  const other = new Map(parameters).set(
    "embed_out.weight",
    parameters.get("embed_out.weight")!.map((value) => 2 * value),
  );
  await writeModelFolder(`${shared}/other`, { config, tokenizerJson, parameters: other });
  const flags = ["--init", inherited, "--teacher", `${shared}/other`, "--gamma", "1", "--steps", "1", "--warmup", "0"];
  const { code, stdout, stderr } = await pretrainTiny(...taught("foreign", ...flags));
  assertEquals(code, 0);
  assertEquals(
    stderr,
    `the student was cut out of another model than the one in --teacher ${shared}/other: its coordinates are not this ` +
      "teacher's, so a projection is learned\n",
  );
  assertStringIncludes(stdout, "imitates its teacher's after 1, 2, through a projection");
});

Deno.test("a dry run says what is compared and what the projection costs", async () => {
  const memory = (stdout: string) =>
    Number(/memory on the device: .*\(([\d,]+) bytes\)/.exec(stdout)![1]!.replaceAll(",", ""));
  const alone = await pretrainTiny(...taught("dry", ...fresh), "--dry-run");
  const compared = await pretrainTiny(...taught("dry", ...fresh), "--gamma", "1", "--dry-run");
  const flops = 2 * 6 * 8 * whole.config.width;
  assertStringIncludes(compared.stdout, `the projection's FLOPs per token: ${flops.toExponential(3)}; for `);
  assertStringIncludes(compared.stdout, "hidden states: after blocks 0, 1");
  assert(memory(compared.stdout) > memory(alone.stdout));
  assertEquals(/hidden|projection/.test(alone.stdout), false);
});

Deno.test("a layer map out of range, and a subnet.json that is broken, are refused in one line", async () => {
  const broken = await extract("broken");
  await Deno.writeTextFile(
    `${broken}/subnet.json`,
    JSON.stringify({ ...await readJson(`${broken}/subnet.json`) as object, width: [3] }),
  );
  const refused: [string[], string][] = [
    [
      [...fresh, "--layer-map", "0:3"],
      "Cannot use --layer-map 0:3: the teacher's layers are 0 to 2, found 3; use even",
    ],
    [
      [...fresh, "--layer-map", "2:0"],
      "Cannot use --layer-map 2:0: the student's layers are 0 to 1, found 2; use even",
    ],
    [[...fresh, "--layer-map", "inherited"], "--layer-map inherited: inherited ones must be in the subnet.json of a"],
    [["--init", broken], `Cannot use '${broken}/subnet.json': 'width' must be a list of the student's 8, found 1`],
  ];
  for (const [i, [flags, message]] of refused.entries()) {
    const way = ["--quiet", "--dry-run"][i % 2]!;
    const { code, stdout, stderr } = await pretrainTiny(...taught("refused", ...flags), "--gamma", "1", way);
    assertEquals([code, stdout], [2, ""], stderr);
    assertMatch(stderr, /^error: [^\n]+\n$/);
    assertStringIncludes(stderr, message);
    assertEquals(await exists(`${shared}/refused`), false, "a run that cannot start must leave nothing");
  }
});
