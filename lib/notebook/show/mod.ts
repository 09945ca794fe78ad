/**
 * Results that show themselves in a notebook.
 *
 * Rows stay plain records and iterators stay iterators: what runs report is data, and neither a task nor a file should
 * find a notebook's methods in it. So `show(rows)` wraps them, and says by the wrapping that a picture is wanted. The
 * classes that the library returns need no wrapping: importing `notebook.ts` gives their prototypes the method that the
 * kernel looks for (see `install.ts`), so that devices, models and searches know nothing of charts.
 *
 * @module
 */

import type { KernelProfile } from "../../devices/profile.ts";
import type { Device } from "../../devices/device.ts";
import type { StoreManifest } from "../../distill/store/manifest.ts";
import type { LogitStore } from "../../distill/store/reader.ts";
import type { TeachRow } from "../../distill/teach.ts";
import type { Model } from "../../model/model.ts";
import type { PipelineRecord } from "../../pipeline/pipeline.ts";
import type { Result } from "../../pipeline/result.ts";
import { bundleOf, type Displayable, jupyterDisplay, type MimeBundle, type Picture } from "../../report/display.ts";
import type { SubNetworkRow } from "../../search/sub_network_row.ts";
import type { SubNetworkSearch } from "../../search/sub_network_search.ts";
import type { Importance } from "../../subnet/orders.ts";
import type { SubNetwork } from "../../subnet/sub_network.ts";
import type { TrainRow } from "../../train/records.ts";
import { show as spell } from "../../unknown.ts";
import { chartView } from "./chart.ts";
import { adapterView, deviceView } from "./device.ts";
import { importanceView } from "./importance.ts";
import { modelView, preparedSearchView } from "./model.ts";
import { pipelineView } from "./pipeline.ts";
import { profileView } from "./profile.ts";
import { recordsView } from "./records.ts";
import { resultView } from "./result.ts";
import { searchView } from "./search.ts";
import { storeView } from "./store.ts";
import { subNetworkView } from "./sub_network.ts";
import { teachingView } from "./teaching.ts";
import { tensorsView, type TensorValues, tensorView } from "./tensor.ts";
import { trainingView } from "./training.ts";
import type { ShowOptions, View } from "./view.ts";

/**
 * What `show` draws: rows of runs, pipelines, searches, stores and loops of one's own, results of all kinds, and charts
 * as they are.
 */
export type Showable =
  | string
  | readonly TrainRow[]
  | readonly PipelineRecord[]
  | readonly SubNetworkRow[]
  | readonly TeachRow[]
  | readonly KernelProfile[]
  | readonly Readonly<Record<string, unknown>>[]
  | Result
  | SubNetwork
  | Importance
  | TensorValues
  | ReadonlyMap<string, TensorValues>
  | Device
  | GPUAdapter
  | Model
  | SubNetworkSearch
  | StoreManifest
  | LogitStore;

/** From the narrowest kind to the widest. */
const VIEWS = [
  ...[trainingView, pipelineView, searchView, teachingView, profileView, recordsView],
  ...[modelView, preparedSearchView, deviceView, adapterView, storeView],
  ...[resultView, subNetworkView, importanceView, tensorView, tensorsView, chartView],
] as unknown as readonly View<unknown>[];

/**
 * Wraps a result so that it shows itself as a cell's last expression: as SVG, PNG and text. It is drawn when it is shown.
 *
 * @param value Rows are recognised by the fields of the last one.
 * @param options What cannot be seen from the value.
 * @throws {TypeError} If it is nothing that can be shown.
 *
 * @example The log of a run as a curve
 * ```ts
 * import { show } from "../../../notebook.ts";
 *
 * const row = { step: 1, tokens: 128, loss: 5.5, lr: 1e-3, grad_norm: 1, flops: 1e6 };
 * show([{ ...row, tokens_per_s: 900, step_ms: 140, elapsed_s: 0.1 }], { title: "A run" });
 * ```
 */
export function show(value: Showable, options: ShowOptions = {}): Shown {
  viewOf(value);
  return new Shown(value, options);
}

/** A result that shows itself. */
export class Shown implements Displayable {
  readonly #value: unknown;
  readonly #options: ShowOptions;

  /** Takes what {@linkcode show} was given. */
  constructor(value: Showable, options: ShowOptions) {
    this.#value = value;
    this.#options = options;
  }

  /** Draws it. */
  picture(): Picture {
    return pictureOf(this.#value, this.#options);
  }

  /** Draws it as the kernel asks for it. */
  [jupyterDisplay](): MimeBundle {
    return bundleOf(this.picture());
  }
}

/**
 * Draws a result.
 *
 * @throws {TypeError} If it is nothing that can be shown.
 */
export function pictureOf(value: unknown, options: ShowOptions = {}): Picture {
  return viewOf(value).draw(value, options);
}

function viewOf(value: unknown): View<unknown> {
  const view = VIEWS.find(({ accepts }) => accepts(value));
  if (view) return view;
  throw new TypeError(
    "Cannot show the value: it must be rows, a chart, a result, a sub-network, importance, a tensor, a model, a device or a store, found " +
      `${describe(value)}; display it as it is`,
  );
}

function describe(value: unknown): string {
  const name = Object.getPrototypeOf(value ?? 0)?.constructor?.name;
  if (Array.isArray(value) && value.length === 0) return "no rows";
  return typeof value === "object" && value !== null ? `an object of ${name ?? "no class"}` : spell(value);
}
