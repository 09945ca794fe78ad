/**
 * A model in a device's memory.
 *
 * @module
 */

import type { Device, Store, StoreEntry } from "../devices/device.ts";
import { sizeOf } from "../graph/tensor.ts";
import { checkConfig, type GPTNeoXConfig } from "./config.ts";
import { type PageKind, pageName, type Pages, pagesOf } from "./pages.ts";
import type { ParameterValues } from "./parameters.ts";

/** A GPT-NeoX model whose parameters live on a device. Dispose of it to free them. */
export class Model implements Disposable {
  /** Its sizes and choices. */
  readonly config: GPTNeoXConfig;
  /** Where its parameters live. */
  readonly device: Device;
  /** How they are packed. */
  readonly pages: Pages;
  /** Holds the pages of parameters. */
  readonly store: Store;
  /** The tokenizer that the model was trained with, as in `tokenizer.json`. */
  readonly tokenizerJson: unknown;

  private constructor(config: GPTNeoXConfig, device: Device, pages: Pages, store: Store, tokenizerJson: unknown) {
    this.config = config;
    this.device = device;
    this.pages = pages;
    this.store = store;
    this.tokenizerJson = tokenizerJson;
  }

  /**
   * Puts parameters on a device.
   *
   * @param parameters One array for every tensor of `parameterSpecs(config)`, in the layout of Hugging Face files.
   * @throws {RangeError} If a parameter is missing or has another size.
   */
  static async create(
    device: Device,
    config: GPTNeoXConfig,
    parameters: ReadonlyMap<string, Float32Array<ArrayBuffer>>,
    tokenizerJson?: unknown,
  ): Promise<Model> {
    using cleanup = new DisposableStack();
    const model = cleanup.use(await Model.empty(device, config, tokenizerJson));
    writePages(model.store, model.pages, "parameters", parameters);
    cleanup.move();
    return model;
  }

  /**
   * Makes room for a model on a device; all its parameters are zeros.
   *
   * @throws {RangeError} If the config is not one of a model.
   */
  static async empty(device: Device, config: GPTNeoXConfig, tokenizerJson?: unknown): Promise<Model> {
    const pages = pagesOf(checkConfig(config));
    const store = await device.createStore(pageEntries(pages, "parameters"));
    return new Model(config, device, pages, store, tokenizerJson);
  }

  /** Reads all parameters back. */
  async parameters(): Promise<ParameterValues> {
    return await readPages(this.store, this.pages, "parameters");
  }

  /** Frees the parameters. */
  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }
}

/** Lists the store entries of all pages of a kind. */
export function pageEntries(pages: Pages, kind: PageKind): StoreEntry[] {
  return pages.sizes.map((size, page) => ({ name: pageName(kind, page), size }));
}

/** Writes values to their places in the pages of a kind. */
export function writePages(
  store: Store,
  pages: Pages,
  kind: PageKind,
  values: ReadonlyMap<string, Float32Array<ArrayBuffer>>,
): void {
  for (const { name, shape, page, offset } of pages.placements) {
    const value = values.get(name);
    if (value?.length !== sizeOf(shape)) {
      throw new RangeError(
        `Cannot set ${kind} of '${name}': it must have ${sizeOf(shape)} values, found ${value?.length ?? "none"}`,
      );
    }
    store.write(pageName(kind, page), value, offset);
  }
}

/**
 * Replaces some of a model's parameters.
 *
 * @param values By Hugging Face name; parameters that are missing stay as they are.
 * @throws {RangeError} If one has another size.
 */
export function replaceParameters({ store, pages }: Model, values: ParameterValues): void {
  const placements = pages.placements.filter(({ name }) => values.has(name));
  writePages(store, { ...pages, placements }, "parameters", values);
}

/** Reads the values of all pages of a kind. */
export async function readPages(store: Store, pages: Pages, kind: PageKind): Promise<ParameterValues> {
  const whole = await Promise.all(pages.sizes.map((_, page) => store.read(pageName(kind, page))));
  return new Map(pages.placements.map(({ name, shape, page, offset }) => [
    name,
    whole[page]!.slice(offset, offset + sizeOf(shape)),
  ]));
}
