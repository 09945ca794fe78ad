/**
 * Extraction: a sub-network's weights become an ordinary, smaller model, on the teacher's device.
 *
 * @module
 */

import type { Program, Store } from "../devices/device.ts";
import { plan } from "../graph/plan.ts";
import { Model } from "../model/model.ts";
import { pageName, STUDENT, TEACHER } from "../model/pages.ts";
import { checkSubNetwork } from "./check.ts";
import { dimensionsOf } from "./dimensions.ts";
import { pickLists } from "./picks.ts";
import { type HeadOptions, studentConfig } from "./student_config.ts";
import type { SubNetwork } from "./sub_network.ts";
import { gatherGraph, scatterGraph, type TransferShape } from "./transfer.ts";

/**
 * Makes a student of a sub-network: a model of its own whose weights are the teacher's, where the sub-network keeps
 * them. Dispose of it to free it; the teacher stays as it is.
 *
 * @throws {IllegalSubNetworkError} If the teacher has no such sub-network.
 * @throws {RangeError} If the teacher's blocks differ.
 */
export async function extract(teacher: Model, subNetwork: SubNetwork, options: HeadOptions = {}): Promise<Model> {
  using extraction = await Extraction.create(teacher, subNetwork, options);
  extraction.fill(subNetwork);
  return extraction.release();
}

/**
 * A student's memory and the compiled program that fills it: sub-networks of the same sizes from the same layers take
 * turns in it, and nothing is compiled between them.
 */
export class Extraction implements Disposable {
  readonly #teacher: Model;
  readonly #student: Model;
  readonly #layers: readonly number[];
  readonly #options: HeadOptions;
  readonly #program: Program;
  #owned = true;

  private constructor(
    teacher: Model,
    student: Model,
    layers: readonly number[],
    options: HeadOptions,
    program: Program,
  ) {
    this.#teacher = teacher;
    this.#student = student;
    this.#layers = layers;
    this.#options = options;
    this.#program = program;
  }

  /**
   * Allocates a student for sub-networks of the shape of one, and compiles what fills it.
   *
   * @throws {IllegalSubNetworkError} If the teacher has no such sub-network.
   * @throws {RangeError} If the teacher's blocks differ.
   */
  static async create(teacher: Model, subNetwork: SubNetwork, options: HeadOptions = {}): Promise<Extraction> {
    const { device } = teacher;
    checkSubNetwork(subNetwork, dimensionsOf(teacher.config), options);
    const config = studentConfig(teacher.config, subNetwork, options);
    using cleanup = new DisposableStack();
    const student = cleanup.use(await Model.empty(device, config, teacher.tokenizerJson));
    const shape = transferShape(teacher, student, subNetwork);
    const stores = { [TEACHER]: teacher.store, [STUDENT]: student.store };
    const program = await device.compile(plan(gatherGraph(shape)), stores);
    cleanup.move();
    return new Extraction(teacher, student, subNetwork.layers, options, program);
  }

  /** The student, as the last sub-network left it. */
  get student(): Model {
    return this.#student;
  }

  /**
   * Fills the student with the weights of a sub-network, without waiting for the device.
   *
   * @throws {IllegalSubNetworkError} If the teacher has no such sub-network.
   * @throws {RangeError} If its sizes or layers are not those that this was made for.
   */
  fill(subNetwork: SubNetwork): void {
    // Kernels trust indices, so that one beyond the teacher's would read what is not its.
    checkSubNetwork(subNetwork, dimensionsOf(this.#teacher.config), this.#options);
    if (subNetwork.layers.join() !== this.#layers.join()) {
      throw new RangeError(
        `Cannot fill this student: layers must be ${this.#layers.join(", ")}, found ${subNetwork.layers.join(", ")}`,
      );
    }
    const { device, config } = this.#teacher;
    const { store, pages } = this.#student;
    device.submit((recorder) => {
      pages.sizes.forEach((_, page) => recorder.clear(store, pageName("parameters", page)));
      recorder.run(this.#program, pickLists(subNetwork, config));
    });
  }

  /** Hands the student over: whoever called frees it. */
  release(): Model {
    this.#owned = false;
    return this.#student;
  }

  /** Frees the program, and the student unless it was handed over. */
  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]();
    if (this.#owned) this.#student[Symbol.dispose]();
  }
}

/**
 * Adds the gradients of a student to those of its teacher, each where its weight came from: the adjoint of extraction.
 * Weights that the sub-network does not keep receive nothing.
 *
 * @param gradients Stores with the pages of gradients of both.
 * @throws {IllegalSubNetworkError} If the teacher has no such sub-network.
 */
export async function scatterGradients(
  teacher: Model,
  student: Model,
  subNetwork: SubNetwork,
  gradients: { readonly teacher: Store; readonly student: Store },
  options: HeadOptions = {},
): Promise<void> {
  checkSubNetwork(subNetwork, dimensionsOf(teacher.config), options);
  const shape = transferShape(teacher, student, subNetwork);
  const stores = { [TEACHER]: gradients.teacher, [STUDENT]: gradients.student };
  using program = await teacher.device.compile(plan(scatterGraph(shape)), stores);
  program.run(shape.lists);
  await teacher.device.finish(); // the program's memory is free once it has run
}

function transferShape(teacher: Model, student: Model, subNetwork: SubNetwork): TransferShape {
  return { teacher, student, layers: subNetwork.layers, lists: pickLists(subNetwork, teacher.config) };
}
