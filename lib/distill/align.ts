/**
 * From what a config asks for and what a student inherited to the hidden states that are compared.
 *
 * @module
 */

import type { GPTNeoXConfig } from "../model/config.ts";
import type { HiddenAlignment } from "../model/hidden_alignment.ts";
import type { HiddenLoss } from "../ops/hidden_loss/mod.ts";
import { type Inheritance, readInheritance } from "../subnet/inheritance.ts";
import { evenLayerMap, type LayerMap, parseLayerMap } from "./layer_map.ts";

/** A student, and the `subnet.json` of its folder where it has one. */
export interface AlignedStudent {
  readonly config: GPTNeoXConfig;
  readonly subnetJson?: unknown;
}

/** What is asked for. */
export interface AlignOptions {
  /** `auto` is `inherited` where the student was cut out of this teacher, else `even`; or pairs student:teacher. */
  readonly layerMap: string;
  readonly form: HiddenLoss;
}

/**
 * Decides which hidden states are compared. A student that was cut out of this very teacher has its kept coordinates
 * compared with the teacher's own; any other learns a projection.
 *
 * @throws {RangeError} If the map is out of range or needs an inheritance that there is not, or `subnet.json` is broken.
 */
export function alignHidden(
  { layerMap, form }: AlignOptions,
  { config: student, subnetJson }: AlignedStudent,
  teacher: { readonly config: GPTNeoXConfig; readonly hash: string },
): HiddenAlignment {
  const inherited = subnetJson === undefined ? undefined : readInheritance(subnetJson, student, teacher);
  return { layers: layersOf(layerMap, student, teacher.config, inherited), width: inherited?.width, form };
}

function layersOf(
  map: string,
  student: GPTNeoXConfig,
  teacher: GPTNeoXConfig,
  inherited: Inheritance | undefined,
): LayerMap {
  if (map === "inherited" || (map === "auto" && inherited)) {
    if (inherited) return inherited.layers.map((layer, i) => [i, layer]);
    throw new RangeError(
      "Cannot map layers: inherited ones must be in the subnet.json of a student that was cut out of this teacher, " +
        "found none",
    );
  }
  return map === "auto" || map === "even"
    ? evenLayerMap(student.layers, teacher.layers)
    : parseLayerMap(map, student.layers, teacher.layers);
}

/** Says which hidden states are compared, in a line. */
export function describeAlignment({ layers, width }: HiddenAlignment): string {
  const [own, theirs] = [0, 1].map((side) => layers.map((pair) => pair[side]!).join(", "));
  const how = width
    ? `in the ${width.length} coordinates that it kept`
    : "through a projection that is learned with it";
  return `hidden states: after blocks ${own} the student imitates its teacher's after ${theirs}, ${how}`;
}
