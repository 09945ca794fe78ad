/**
 * Where the students of a study begin.
 *
 * @module
 */

import { initialise } from "../model/initialise.ts";
import { Model } from "../model/model.ts";
import { hashParameters } from "../model/parameter_hash.ts";
import { calibrationWindows, inherit } from "../pipeline/inherit.ts";
import { costsOf } from "../search/sub_network_costs.ts";
import { type SubNetworkSearchOptions, subNetworkSearchSchema } from "../search/sub_network_config.ts";
import { bestOf, type SubNetworkRow } from "../search/sub_network_row.ts";
import { prepareSubNetworkSearch } from "../search/prepare.ts";
import { range } from "../subnet/combinations.ts";
import { proportionalSizes } from "../subnet/proportional.ts";
import { dimensionsOf } from "../subnet/dimensions.ts";
import { type Inheritance, inheritanceJson } from "../subnet/inheritance.ts";
import { evenlySpacedOf, type Order, orderedBy, prefixOf } from "../subnet/orders.ts";
import { searchSpace, type SearchSpaceName } from "../subnet/search_space.ts";
import { studentConfig } from "../subnet/student_config.ts";
import type { SubNetwork } from "../subnet/sub_network.ts";
import { isCutOut, type StartName } from "./arms.ts";
import { axesOf, type AxesOptions, onAxes, scoresOf } from "./axes.ts";
import type { StudyConfig } from "./config.ts";

/** What a start is made from. */
export interface StartOptions extends AxesOptions {
  readonly config: Pick<
    StudyConfig,
    "params" | "tolerance" | "importance" | "evaluations" | "fitness" | "calibrationTokens"
  >;
  /** Of weights that are drawn, and of a search. */
  readonly seed: number;
}

/** A student before training. */
export interface Start {
  /** On the teacher's device; whoever called frees it. */
  readonly student: Model;
  /** What it inherited, and of whom; nothing where its weights are drawn. */
  readonly inheritance?: Inheritance & SubNetwork;
  /** FLOPs spent to find and to repair it. */
  readonly flops: number;
  /** What the search judged it by, where there was one. */
  readonly fitness?: number;
}

/** A sub-network, and what it took to find it. */
interface Found {
  readonly subNetwork: SubNetwork;
  readonly flops: number;
  readonly fitness?: number;
}

const SPACE: SearchSpaceName = "fine-layerwise";
/** Heads keep all their dimensions, in searches and out of them. */
const FIXED = "headDims";

/**
 * Makes a student: finds its sub-network and inherits from the teacher, or draws its weights.
 *
 * @throws {RangeError} If the bin holds no such student.
 */
export async function makeStart(name: StartName, options: StartOptions): Promise<Start> {
  const { teacher: { device, config, tokenizerJson }, tokens, seed, config: { calibrationTokens } } = options;
  using onItsAxes = await onAxes(axesOf(name), options);
  const { model: teacher } = onItsAxes;
  const found = await find(name, { ...options, teacher });
  const before = found.flops + onItsAxes.flops;
  if (!isCutOut(name)) {
    const shape = studentConfig(config, found.subNetwork);
    const student = await Model.create(device, shape, initialise(shape, seed), tokenizerJson);
    // What the search for a shape took is paid; the plain shape is free.
    return { student, flops: before };
  }
  const windows = calibrationWindows(tokens, config.sequence, calibrationTokens);
  const repairs = name === "importance-unrepaired" ? {} : { norms: "rescale", refit: true, windows } as const;
  const { student, flops } = await inherit(teacher, found.subNetwork, repairs);
  const inheritance = inheritanceJson(found.subNetwork, await hashParameters(await teacher.parameters()));
  return { ...found, inheritance, student, flops: before + flops };
}

async function find(name: StartName, options: StartOptions): Promise<Found> {
  const { evaluations, fitness } = options.config;
  if (name === "random" || name === "prefix") return await plain(options, prefixOf);
  if (name === "spaced") return await plain(options, evenlySpacedOf);
  if (name.startsWith("importance")) return await important(options);
  if (name === "principal") return firstOfWidth(await important(options));
  if (name === "random-fine") return await searched(options, { space: SPACE, method: "random", evaluations: 1 });
  const space = name === "evolved-shape" ? SPACE : name.replace("evolved-", "") as SearchSpaceName;
  return await searched(options, { space, evaluations, fitness });
}

async function plain({ teacher, config }: StartOptions, order: Order): Promise<Found> {
  const { sizes, space } = await plainSizes(teacher, config);
  return { subNetwork: order(sizes, space), flops: 0 };
}

/**
 * Chooses the plain shape: the teacher's proportions, in the bin.
 *
 * @throws {UsageError} If the bin's settings are wrong.
 * @throws {RangeError} If the bin holds no such shape.
 */
export async function plainSizes(teacher: Model, { params, tolerance }: StartOptions["config"]) {
  const space = searchSpace(SPACE, dimensionsOf(teacher.config), { fixed: [FIXED] });
  const settings = subNetworkSearchSchema.parse({ params, tolerance });
  const { bin } = await costsOf(teacher, space, settings, { latencyModel: undefined, records: 0 });
  return { sizes: proportionalSizes(space, teacher.config, bin), space };
}

async function important(options: StartOptions): Promise<Found> {
  const { scores, flops } = await scoresOf(options);
  return { ...await plain(options, orderedBy(scores)), flops };
}

/** On principal axes the first coordinates are the best. */
function firstOfWidth({ subNetwork, ...found }: Found): Found {
  return { ...found, subNetwork: { ...subNetwork, width: range(subNetwork.width.length) } };
}

async function searched(options: StartOptions, settings: SubNetworkSearchOptions): Promise<Found> {
  const { teacher, tokens, seed, config: { params, tolerance, importance } } = options;
  const search = await prepareSubNetworkSearch(
    teacher,
    { params, tolerance, importance, fixed: FIXED, proportional: true, seed, ...settings },
    { tokens },
  );
  const rows: SubNetworkRow[] = [];
  for await (const row of search.rows()) rows.push(row);
  const { genotype: subNetwork, fitness, flops } = bestOf(rows)!;
  return { subNetwork, fitness, flops: search.preparation + Math.max(flops, rows.at(-1)!.flops) };
}
