import type { Checkpoint } from "../../lib/io/checkpoint.ts";
import { initialise } from "../../lib/model/initialise.ts";
import { presets } from "../../lib/model/presets.ts";

/** Makes a checkpoint of the tiny model that depends on the step alone. */
export function checkpointAfter(step: number, vocabularySize = presets.tiny.config.vocabularySize): Checkpoint {
  const config = { ...presets.tiny.config, vocabularySize };
  return {
    step,
    tokens: 1000 * step,
    config,
    parameters: initialise(config, 3 * step),
    moments: { first: initialise(config, 3 * step + 1), second: initialise(config, 3 * step + 2) },
    trainer: { seed: 7, windows: { drawn: 5 * step, epoch: 0 }, rate: 0.1 + 0.2 },
    tokenizerJson: { version: "1.0", model: { type: "BPE", vocab: { "10": 1, a: 0 } } },
  };
}
