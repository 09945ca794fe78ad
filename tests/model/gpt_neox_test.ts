import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { withQueryGroups } from "../../lib/model/blocks.ts";
import type { GPTNeoXConfig } from "../../lib/model/config.ts";
import { Model } from "../../lib/model/model.ts";
import { logits, lossAndGradients } from "../../lib/model/forward.ts";
import { assertSameValues, largeParameters, randomTokens, relativeError, smallNeoX } from "./small_neox.ts";
import { tfLogits, tfLossAndGradients } from "./tfjs_gpt_neox.ts";

const TOLERANCE = 1e-5;

/** Blocks of four heads in so many query groups. */
function fourHeads(queryGroups: number): Partial<GPTNeoXConfig> {
  const { blocks } = withQueryGroups({ ...smallNeoX, width: 32, heads: 4 }, queryGroups);
  return { width: 32, heads: 4, ...(blocks && { blocks }) };
}

for (const kind of ["webgpu", "cpu"] as const) {
  const device = await openDevice(kind);
  Deno.test.afterAll(() => device[Symbol.dispose]());

  const forms: Record<string, Partial<GPTNeoXConfig>> = {
    "Pythia's form": {},
    "a sequential residual": { parallelResidual: false },
    "tied embeddings": { tiedEmbeddings: true },
    "no attention biases": { attentionBias: false },
    "the tanh approximation of gelu": { activation: "gelu_tanh" },
    "heads rotated whole, and another base": { rotaryFraction: 1, rotaryBase: 100 },
    "a large epsilon": { epsilon: 0.1 },
    "sizes that are no multiple of four": { width: 18, heads: 3, rotaryFraction: 0.4, mlpWidth: 49, layers: 1 },
    "sizes beyond any tile": { sequence: 70, vocabularySize: 131, width: 144, heads: 2, mlpWidth: 133, layers: 1 },
    "blocks of different shapes, one with frequencies and a scale of its own": {
      blocks: [
        { heads: 2, headSize: 10, rotary: 4, mlpWidth: 33 },
        { heads: 5, headSize: 6, rotary: 4, exponents: [0.3, 0.75], scale: 0.3, mlpWidth: 18 },
      ],
    },
    "four heads, each with a key and a value": fourHeads(4),
    "four heads in two query groups": fourHeads(2),
    "four heads in one query group": fourHeads(1),
    "query groups beyond any tile, a sequential residual and no attention biases": {
      ...{ sequence: 70, layers: 1, parallelResidual: false, attentionBias: false },
      blocks: [{ heads: 6, queryGroups: 2, headSize: 37, rotary: 36, mlpWidth: 50 }],
    },
    "blocks of different query groups": {
      blocks: [
        { heads: 6, queryGroups: 3, headSize: 6, rotary: 4, exponents: [0.3, 0.75], scale: 0.3, mlpWidth: 18 },
        { heads: 6, queryGroups: 2, headSize: 4, rotary: 4, mlpWidth: 33 },
      ],
    },
    "everything but Pythia's form": {
      parallelResidual: false,
      tiedEmbeddings: true,
      attentionBias: false,
      activation: "gelu_tanh",
      rotaryFraction: 1,
      width: 10,
      heads: 1,
      layers: 3,
    },
  };

  for (const [name, changes] of Object.entries(forms)) {
    Deno.test(`logits, loss and every gradient equal TensorFlow.js's with ${name} (${kind})`, async () => {
      const config = { ...smallNeoX, ...changes };
      const parameters = largeParameters(config);
      const tokens = randomTokens(config, 3, config.sequence + 1);
      using model = await Model.create(device, config, parameters);

      const inputs = tokens.map((row) => row.slice(0, -1));
      const scores = await logits(model, inputs);
      assertEquals(scores.length, 3 * config.sequence * config.vocabularySize);
      const error = relativeError(scores, tfLogits(config, parameters, inputs));
      assert(error <= TOLERANCE, `logits: relative error ${error}`);

      const found = await lossAndGradients(model, tokens);
      const expected = tfLossAndGradients(config, parameters, tokens);
      assertAlmostEquals(found.loss, expected.loss, TOLERANCE * expected.loss);
      assertSameValues(found.gradients, expected.gradients, TOLERANCE);
    });
  }
}
