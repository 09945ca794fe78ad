/**
 * The learned projection of a student's hidden states into its teacher's stream: trained with the student, kept in
 * checkpoints beside the optimizer's state, and no part of the model.
 *
 * @module
 */

import type { Device, Store } from "../devices/device.ts";
import type { ProjectionState } from "../io/checkpoint.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import { type HiddenAlignment, PROJECTION, projectionPages } from "../model/hidden_alignment.ts";
import { drawParameter } from "../model/initialise.ts";
import { pageEntries, readPages, writePages } from "../model/model.ts";
import type { PageKind, Pages } from "../model/pages.ts";

const KINDS = ["parameters", "gradients", "first", "second"] as const satisfies readonly PageKind[];

/** A projection on a device, with its gradient and AdamW's moments. Dispose of it to free them. */
export class Projection implements Disposable {
  /** How its matrix is packed. */
  readonly pages: Pages;
  /** Holds its pages of all kinds. */
  readonly store: Store;

  private constructor(pages: Pages, store: Store) {
    this.pages = pages;
    this.store = store;
  }

  /**
   * Draws a projection as the student's own matrices are drawn.
   *
   * @returns undefined where the alignment needs none.
   */
  static async create(
    device: Device,
    alignment: HiddenAlignment,
    student: GPTNeoXConfig,
    teacher: GPTNeoXConfig,
    seed: number,
  ): Promise<Projection | undefined> {
    const pages = projectionPages(alignment, student, teacher);
    if (!pages) return undefined;
    const store = await device.createStore(KINDS.flatMap((kind) => pageEntries(pages, kind)));
    const [spec] = pages.placements;
    writePages(store, pages, "parameters", new Map([[PROJECTION, drawParameter(spec!, student, seed)]]));
    return new Projection(pages, store);
  }

  /** Reads the matrix and its moments, all `[teacher's width, student's width]`. */
  async state(): Promise<ProjectionState> {
    const read = async (kind: PageKind) => (await readPages(this.store, this.pages, kind)).get(PROJECTION)!;
    const { shape } = this.pages.placements[0]!;
    return { shape, values: await read("parameters"), first: await read("first"), second: await read("second") };
  }

  /**
   * Sets the matrix and its moments, to continue from a checkpoint.
   *
   * @throws {RangeError} If they have another size.
   */
  restore({ values, first, second }: ProjectionState): void {
    for (const [kind, tensor] of Object.entries({ parameters: values, first, second })) {
      writePages(this.store, this.pages, kind as PageKind, new Map([[PROJECTION, tensor]]));
    }
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }
}
