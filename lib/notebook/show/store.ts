/**
 * Logit stores.
 *
 * @module
 */

import { bytesOfStore, type StoreManifest, windowsOf } from "../../distill/store/manifest.ts";
import { LogitStore } from "../../distill/store/reader.ts";
import { cardOf } from "../../report/card.ts";
import { formatBytes, formatCount } from "../../units.ts";
import { has, type View } from "./view.ts";

/** What a store holds and how large it is. */
export const storeView: View<StoreManifest | LogitStore> = {
  accepts: (value) => value instanceof LogitStore || has(value, ["format", "shards", "bytesPerToken", "k"]),
  draw: (store, { title = "Logit store" }) => {
    const manifest = store instanceof LogitStore ? store.manifest : store;
    const { kind, k, temperature, sequence, windows, seed, vocabularySize, bytesPerToken, teacher, shards } = manifest;
    const kept = kind === "top-k" ? `the ${k} most likely tokens and the rest of the mass` : `${k} unbiased draws`;
    return cardOf({
      title,
      lines: [
        ["keeps", `${kept}, of ${formatCount(vocabularySize)} tokens, temperature ${temperature}`],
        [
          "windows",
          `${formatCount(windowsOf(manifest))} of ${formatCount(windows)}, ${sequence} tokens each, seed ${seed}`,
        ],
        [
          "size",
          `${formatBytes(bytesOfStore(manifest))} in ${shards.length} shards, ${
            bytesPerToken.toFixed(1)
          } bytes a token`,
        ],
        ["teacher", `${teacher.hash.slice(0, 12)}, ${teacher.flopsPerToken.toExponential(2)} FLOPs a token`],
        ...(store instanceof LogitStore ? [["folder", store.folder] as const] : []),
      ],
    });
  },
};
