/**
 * Models, and searches that are ready.
 *
 * @module
 */

import { describeDevice } from "../../devices/mod.ts";
import { blockShapes } from "../../model/blocks.ts";
import { forwardFlopsPerToken } from "../../model/flops.ts";
import { Model } from "../../model/model.ts";
import { countParameters } from "../../model/parameters.ts";
import { cardOf } from "../../report/card.ts";
import { describeBin, describeSize } from "../../search/describe.ts";
import { fitnessWords } from "../../search/fitness_words.ts";
import { SubNetworkSearch } from "../../search/sub_network_search.ts";
import { formatBytes, formatCount } from "../../units.ts";
import type { View } from "./view.ts";

/** A model's sizes and where it lives. */
export const modelView: View<Model> = {
  accepts: (value) => value instanceof Model,
  draw: ({ config, device, store }, { title = "Model" }) => {
    const blocks = blockShapes(config);
    const each = (of: (block: (typeof blocks)[number]) => number) => [...new Set(blocks.map(of))].join(" / ");
    return cardOf({
      title,
      lines: [
        ["parameters", `${formatCount(countParameters(config))}, ${formatBytes(store.bytes)}`],
        ["layers", `${config.layers} of width ${config.width}`],
        [
          "blocks",
          `${each(({ heads }) => heads)} heads of ${each(({ headSize }) => headSize)}, MLP ${
            each(({ mlpWidth }) => mlpWidth)
          }`,
        ],
        ["tokens", `${formatCount(config.vocabularySize)} known, ${formatCount(config.sequence)} in a sequence`],
        ["forward pass", `${forwardFlopsPerToken(config, config.sequence).toExponential(2)} FLOPs a token`],
        ["device", describeDevice(device)],
      ],
    });
  },
};

/** What a search will look for, and what it has found so far. */
export const preparedSearchView: View<SubNetworkSearch> = {
  accepts: (value) => value instanceof SubNetworkSearch,
  draw: ({ space, bin, bound, config, starts, preparation, result }, { title = "Search" }) => {
    return cardOf({
      title,
      lines: [
        ["space", `${space.name}, ${describeSize(space)}`],
        ["bin", describeBin(bin, bound)],
        [
          "method",
          `${config.method}, ${config.population} a generation, at most ${
            formatCount(config.evaluations)
          } evaluations, seed ${config.seed}`,
        ],
        ["judged by", fitnessWords[config.fitness].phrase],
        ["begins with", `${starts.length} candidates, the rest drawn`],
        [
          "so far",
          `${formatCount(result.evaluated)} evaluated, ${result.ended ? `ended by ${result.ended}` : "not ended"}`,
        ],
        ["FLOPs", `${result.flops.toExponential(2)}, and ${preparation.toExponential(2)} to prepare`],
      ],
    });
  },
};
