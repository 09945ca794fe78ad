/**
 * Gives the library's classes the method by which a notebook shows them.
 *
 * @module
 */

import { CPUDevice } from "../../devices/cpu/device.ts";
import { WebGPUDevice } from "../../devices/webgpu/device.ts";
import { LogitStore } from "../../distill/store/reader.ts";
import { Model } from "../../model/model.ts";
import { bundleOf, jupyterDisplay, type MimeBundle } from "../../report/display.ts";
import { SubNetworkSearch } from "../../search/sub_network_search.ts";
import { pictureOf } from "./mod.ts";

/** Classes whose objects show themselves; the platform's adapter is one of them. */
const CLASSES: readonly { readonly prototype: object }[] = [
  ...[CPUDevice, WebGPUDevice, LogitStore, Model, SubNetworkSearch],
  ...(typeof GPUAdapter === "undefined" ? [] : [GPUAdapter]),
];

/** Lets objects of the library show themselves as a cell's last expression; `notebook.ts` calls it once. */
export function installDisplays(): void {
  for (const { prototype } of CLASSES) {
    Object.defineProperty(prototype, jupyterDisplay, {
      configurable: true,
      value(this: object): MimeBundle {
        return bundleOf(pictureOf(this));
      },
    });
  }
}
