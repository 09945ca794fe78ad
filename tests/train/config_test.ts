import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { presetNames, presets } from "../../lib/model/presets.ts";
import {
  type ConfigSources,
  explain,
  modelConfig,
  type PretrainOptions,
  resolveConfig,
} from "../../lib/train/config.ts";
import { countParameters } from "../../lib/model/parameters.ts";

function refused(input: unknown, sources?: ConfigSources): string {
  const { message } = assertThrows(() => resolveConfig(input, sources), UsageError);
  assert(!message.includes("\n"), message);
  return message;
}

Deno.test("every preset resolves to its own shape and to whole steps", () => {
  for (const preset of presetNames) {
    const config = resolveConfig({ preset });
    assertEquals(modelConfig(config), presets[preset].config);
    assertEquals(config.lr, presets[preset].learningRate);
    assertEquals(config.tokens, config.steps * config.batch * config.sequence);
    assertEquals(config.batch % config.microBatch, 0);
    assertEquals(config.evalTokens % config.sequence, 0);
  }
});

Deno.test("the default run's budget is what two cores train in minutes", () => {
  const { preset, steps, batch, sequence, tokens } = resolveConfig();
  assertEquals({ preset, steps, batch, sequence, tokens }, {
    preset: "small",
    steps: 732,
    batch: 16,
    sequence: 128,
    tokens: 1_499_136,
  });
});

Deno.test("other presets train on 20 tokens a parameter", () => {
  const { tokens, batch, sequence } = resolveConfig({ preset: "70m" });
  const wanted = 20 * countParameters(presets["70m"].config);
  assert(tokens <= wanted && wanted - tokens < batch * sequence);
});

Deno.test("a resolved config, stored and read back, resolves to itself", () => {
  const given: PretrainOptions[] = [{}, { steps: 10 }, { preset: "410m", width: 512 }, { tokens: 1e6, minLr: 0 }];
  for (const options of given) {
    const config = resolveConfig(options);
    assertEquals(resolveConfig(JSON.parse(JSON.stringify(config))), config);
  }
});

Deno.test("flags override the config file, which overrides the object, which overrides the preset", () => {
  const config = resolveConfig({ lr: 1, layers: 1, seed: 3 }, { file: { lr: 2, layers: 2 }, flags: { lr: 3 } });
  const { lr, layers, seed, width } = config;
  assertEquals({ lr, layers, seed, width }, { lr: 3, layers: 2, seed: 3, width: 128 });
});

Deno.test("a given width takes heads, feed-forward width and learning rate along", () => {
  const { heads, mlpWidth, lr } = resolveConfig({ preset: "small", width: 256 });
  assertEquals([heads, mlpWidth, lr], [8, 1024, presets.small.learningRate / 2]);
  assertEquals(resolveConfig({ width: 256, heads: 2, mlpWidth: 300 }).mlpWidth, 300);
});

Deno.test("query groups are as many as heads unless they are given, and then the model's blocks have them", () => {
  assertEquals(resolveConfig({ heads: 2 }).queryGroups, 2);
  const config = resolveConfig({ preset: "small", queryGroups: 2 });
  assertEquals(
    modelConfig(config).blocks?.map(({ heads, queryGroups }) => [heads, queryGroups]),
    Array(4).fill([4, 2]),
  );
  const text = explain(config).join("\n");
  assertStringIncludes(text, "width 128, 4 heads, query groups 2, MLP 512");
  assertStringIncludes(text, "queryGroups 2: as asked, instead of the preset's 4");
});

Deno.test("tokens are rounded down to whole steps, and steps given alone set the tokens", () => {
  const byTokens = resolveConfig({ tokens: 5000, batch: 8, sequence: 128 });
  assertEquals([byTokens.steps, byTokens.tokens], [4, 4096]);
  const bySteps = resolveConfig({ steps: 10, batch: 4, sequence: 64 });
  assertEquals(bySteps.tokens, 2560);
});

Deno.test("the later of steps and tokens decides, and tokens stay when the batch changes", () => {
  const stored = resolveConfig();
  assertEquals(resolveConfig(stored, { flags: { steps: 7 } }).tokens, 7 * 16 * 128);
  assertEquals(resolveConfig(stored, { flags: { steps: undefined } }), stored);
  assertEquals(resolveConfig(stored, { flags: { tokens: 8192 } }).steps, 4);
  assertEquals(resolveConfig(stored, { flags: { batch: 32 } }).steps, 366);
});

Deno.test("the passes of a big model are cut to what fits", () => {
  assertEquals(resolveConfig({ preset: "410m" }).microBatch, 1);
  assertEquals(resolveConfig({ preset: "small", batch: 12 }).microBatch, 12);
});

Deno.test("an unknown field is refused with the nearest known name", () => {
  assertEquals(refused({ bacth: 4 }), "Cannot use 'bacth': there is no such field; did you mean 'batch'?");
  assertEquals(
    refused({}, { file: { learningRate: 1 } }),
    "Cannot use 'learningRate' in the config file: there is no such field; did you mean 'lr'?",
  );
  assertStringIncludes(refused(JSON.parse('{"__proto__": 1}')), "Cannot use '__proto__': there is no such field");
  assertEquals(refused({ zzzz: 4 }), "Cannot use 'zzzz': there is no such field; --help lists them all");
});

Deno.test("a wrong type or value is refused with the rule and what was found", () => {
  const wrong: [PretrainOptions | Record<string, unknown>, string][] = [
    [{ lr: "fast" }, `'lr': must be "auto" or a number of at least 1.2e-38 and at most 3.4e+38, found "fast"`],
    [{ lr: NaN }, `'lr': must be "auto" or a number of at least 1.2e-38 and at most 3.4e+38, found NaN`],
    [{ layers: 1.5 }, `'layers': must be "auto" or a whole number of at least 1 and at most 1000, found 1.5`],
    [{ device: "cuda" }, `'device': must be "auto" or "webgpu" or "cpu", found "cuda"`],
    [{ sequence: 1 }, `'sequence': must be "auto" or a whole number of at least 2 and at most 1048576, found 1`],
    [{ steps: 10n }, `'steps': must be "auto" or a whole number of at least 1, found 10`],
    [{ quiet: 1 }, `'quiet': must be true or false, found 1`],
    [{ corpus: "" }, `'corpus': must be text that is not empty, found ""`],
    [{ corpus: null }, `'corpus': must be text that is not empty, found null`],
    [{ minLr: 2 }, `'minLr': must be a number of at least 0 and at most 1, found 2`],
    [
      { name: "a/b" },
      `'name': must be letters, digits, dots, dashes and underscores, not starting with a dot, found "a/b"`,
    ],
  ];
  for (const [input, rule] of wrong) assertEquals(refused(input), `Cannot use ${rule}`);
  assertEquals(refused([1]), "Cannot use the config: must be an object with named fields, found [1]");
  assertEquals(
    refused({}, { file: "x" }),
    `Cannot use the config file: must be an object with named fields, found "x"`,
  );
});

const positive = "a number of at least 1.2e-38 and at most 3.4e+38";

Deno.test("numbers that are 0 or infinite as 32-bit floats are refused, and 0 is only where it stands for none", () => {
  const fields: [keyof PretrainOptions, string, PretrainOptions][] = [
    ["lr", `"auto" or ${positive}`, {}],
    ["epsilon", positive, {}],
    ["clip", `0 or ${positive}`, { clip: 0 }],
    ["weightDecay", `0 or ${positive}`, { weightDecay: 0 }],
    ["alpha", `0 or ${positive}, or two of them as from:to`, { alpha: 0 }],
    ["temperature", `${positive}, or two of them as from:to`, {}],
  ];
  for (const [name, rule, none] of fields) {
    const taught = name === "alpha" || name === "temperature" ? { teacher: "folder", steps: 10 } : {};
    for (const value of [1e-46, 1.1e-38, 1e300]) {
      assertEquals(refused({ ...taught, [name]: value }), `Cannot use '${name}': must be ${rule}, found ${value}`);
    }
    for (const value of [1.2e-38, 3.4e38]) {
      assert(Math.fround(value) >= 2 ** -126 && Math.fround(value) < Infinity);
      assertEquals(resolveConfig({ ...taught, [name]: value })[name], value);
    }
    resolveConfig({ ...taught, ...none });
  }
  assertStringIncludes(refused({ teacher: "folder", steps: 10, beta: "1:1e-50" }), `found "1:1e-50"`);
});

Deno.test("fields that contradict each other are refused with names, values and the way out", () => {
  const wrong: [PretrainOptions, string][] = [
    [{ batch: 8, microBatch: 3 }, "'batch': must be a multiple of 'microBatch' = 3, found 8; change either"],
    [{ vocabulary: 256 }, "'vocabulary': must be at least 257 (256 bytes and the end of text), found 256; raise it"],
    [{ tokens: 1000 }, "'tokens': must be at least one batch of 16 x 128 = 2048, found 1000; raise it"],
    [{ tokens: 1e6, steps: 9 }, "'steps' with 'tokens': 9 steps of 16 x 128 are 18432 tokens, found 1000000; give one"],
    [{ resume: "auto", init: "x" }, `'init' with 'resume': a resumed run has its weights, found "x" and "auto"; drop`],
    [{ steps: 10, warmup: 10 }, "'warmup': must leave part of the 10 steps, found 10 steps; lower it"],
    [{ warmup: 1.5 }, "'warmup': must be a share below 1 or a whole number of steps, found 1.5"],
    [{ schedule: "wsd", warmup: 0.9 }, "'warmup': must leave part of the 732 steps, found 659 steps with the 146 of"],
    [{ evalTokens: 100 }, "'evalTokens': must be at least 'sequence' = 128, found 100; raise it"],
    [{ heads: 3 }, "this model config: 'heads' must be a divisor of 'width' = 128, found 3; change that, or leave"],
    [{ queryGroups: 3 }, "'queryGroups': must be a divisor of 'heads' = 4, found 3; change either, or leave"],
    [{ heads: 3, queryGroups: 1 }, "this model config: 'heads' must be a divisor of 'width' = 128, found 3; change"],
    [{ rotaryFraction: 0.1 }, "this model config: 'rotaryFraction' must be a share of the head size 32"],
  ];
  for (const [input, start] of wrong) assertStringIncludes(refused(input), `Cannot use ${start}`);
});

Deno.test("a sequence longer than any attention could compare is refused before anything is recorded", () => {
  assertStringIncludes(refused({ sequence: 1e9 }), "at most 1048576, found 1000000000");
});

Deno.test("weights from a folder may have a vocabulary too small for a tokenizer of ours, since they bring their own", () => {
  assertEquals(resolveConfig({ vocabulary: 100, init: "teacher" }).vocabulary, 100);
});

Deno.test("an error names a field as it was given: in code, in the file or as a flag", () => {
  const message = refused({}, { file: { batch: 8 }, flags: { microBatch: 3 } });
  assertStringIncludes(message, "Cannot use 'batch' in the config file: must be a multiple of --micro-batch = 3");
});

Deno.test("one step is enough, with a warm-up given as a share", () => {
  for (const schedule of ["cosine", "linear", "constant", "wsd"] as const) {
    assertEquals(resolveConfig({ steps: 1, schedule }).steps, 1);
  }
});

Deno.test("another preset over a config that fixes its shape is refused, unless the shape is given up", () => {
  const file = resolveConfig();
  assertStringIncludes(refused({}, { file, flags: { preset: "tiny" } }), "a config for preset small already fixes");
  assertEquals(resolveConfig({}, { file: { preset: "small", lr: 1 }, flags: { preset: "tiny" } }).width, 16);
});

Deno.test("the explanation says why each value is what it is, and which were given", () => {
  const text = explain(resolveConfig({ lr: 0.5, steps: 10 })).join("\n");
  assertStringIncludes(text, "preset small: 4 layers, width 128");
  assertStringIncludes(text, "lr 0.5: as asked, instead of 0.004: the preset's");
  assertStringIncludes(text, "steps 10: as asked, instead of 732: 1,500,000 tokens");
  assertStringIncludes(text, "batch 16: 0.58 D^0.571 / 128 = 15");
  assert(!explain(resolveConfig()).join("\n").includes("as asked"));
});

Deno.test("what weighs a teacher's lessons needs a teacher, a weight above 0 and a step", () => {
  const taught = { teacher: "folder", steps: 10 };
  assertEquals(
    refused({ alpha: 1 }),
    "Cannot use 'alpha': it must have a 'teacher', found 1 and none; give one, or leave it out",
  );
  assertStringIncludes(refused({}, { flags: { divergence: "reverse_kl" } }), "--divergence: it must have a --teacher");
  assertEquals(
    refused({ ...taught, alpha: 0, beta: 0 }),
    "Cannot use 'alpha' with 'beta': one of them, or 'gamma', must be above 0 in every step, found 0 and 0; raise one",
  );
  assertStringIncludes(refused({ ...taught, distilUntil: 0.04 }), "at least half of one of the 10 steps, found 0.04");
  assertStringIncludes(
    refused({ ...taught, temperature: 0 }),
    "'temperature': must be a number of at least 1.2e-38 and at most",
  );
  assertStringIncludes(refused({ ...taught, divergenceWeight: 1 }), "above 0 and below 1, found 1");
  resolveConfig({ ...taught, alpha: 0, distilUntil: 0.05 });
});

Deno.test("what weighs a teacher's lessons may move, within the limits of its ends", () => {
  const taught = { teacher: "folder", steps: 10 };
  const moving = resolveConfig({ ...taught, alpha: "0.1:0.9", beta: "1:0", temperature: "4:1e-1" });
  assertEquals([moving.alpha, moving.beta, moving.temperature], ["0.1:0.9", "1:0", "4:1e-1"]);
  assertEquals(resolveConfig(JSON.parse(JSON.stringify(moving))), moving);
  assertEquals(
    refused({ ...taught, temperature: "4:0" }),
    `Cannot use 'temperature': must be ${positive}, or two of them as from:to, found "4:0"`,
  );
  for (const alpha of ["0.5:-1", "0.5", "1:2:3", "a:1", "1:", ":1", "1:1e999"]) {
    assertEquals(
      refused({}, { flags: { ...taught, alpha } }),
      `Cannot use --alpha: must be 0 or ${positive}, or two of them as from:to, found "${alpha}"`,
    );
  }
  assertEquals(
    refused({ ...taught, alpha: "1:0", beta: 0 }),
    "Cannot use 'alpha' with 'beta': one of them, or 'gamma', must be above 0 in every step, found 1:0 and 0; raise one",
  );
  assertStringIncludes(refused({ ...taught, alpha: 0, beta: "0:1" }), "in every step, found 0 and 0:1");
});

Deno.test("hidden states are compared where gamma is above 0 in some step, in layers that the map names", () => {
  const taught = { teacher: "folder", steps: 10 };
  assertEquals(
    refused({ ...taught, hidden: "cosine" }),
    "Cannot use 'hidden': it must have a 'gamma' above 0, found cosine and 0; give one, or leave it out",
  );
  assertStringIncludes(refused({}, { flags: { ...taught, layerMap: "0:1" } }), "--layer-map: it must have a --gamma");
  assertStringIncludes(refused({ gamma: 1 }), "'gamma': it must have a 'teacher', found 1 and none");
  assertStringIncludes(refused({ ...taught, gamma: -1 }), `'gamma': must be 0 or ${positive}, or two of them as`);
  for (const layerMap of ["0-1", "first", "0:1,", "0:x"]) {
    assertEquals(
      refused({}, { flags: { ...taught, gamma: 1, layerMap } }),
      "Cannot use --layer-map: must be auto, inherited, even, or pairs student:teacher with commas between them, found " +
        `"${layerMap}"`,
    );
  }
  resolveConfig({ ...taught, alpha: 0, beta: 0, gamma: 1, hidden: "mse", layerMap: "0:1,1:3" });
  resolveConfig({ ...taught, gamma: "0:1", layerMap: "inherited" });
  const [, line] = explain(resolveConfig({ ...taught, gamma: "0:1", hidden: "cosine" }));
  assertStringIncludes(line!, "x forward_kl + (0 to 1) x cosine of hidden states from the teacher in 'folder'");
});

Deno.test("the explanation says what a student with a teacher is trained on, and for how long", () => {
  const lines = explain(resolveConfig({ teacher: "a", steps: 10, distilUntil: 0.7, vocabulary: 300 }));
  assertEquals(
    lines[1],
    "loss: 0.5 x cross-entropy + 0.5 x 1^2 x forward_kl from the teacher in 'a' at temperature 1, in the first 7 of 10 " +
      "steps, then cross-entropy alone",
  );
  assertEquals(lines[2], "vocabulary 300: the teacher's, instead of the preset's 2,048");
  const moving = explain(resolveConfig({ teacher: "a", alpha: "0:1", temperature: "4:1" }))[1]!;
  assertStringIncludes(moving, "(0 to 1) x cross-entropy + 0.5 x (4 to 1)^2 x forward_kl");
  assertStringIncludes(moving, "at temperature (4 to 1), in all steps");
});
