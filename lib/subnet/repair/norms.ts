/**
 * Norms of a student that miss removed width.
 *
 * @module
 */

import type { GPTNeoXConfig } from "../../model/config.ts";
import { type Model, replaceParameters } from "../../model/model.ts";
import type { ParameterValues } from "../../model/parameters.ts";
import { pickLists } from "../picks.ts";
import type { SubNetwork } from "../sub_network.ts";
import { streamsOf, type TeacherStreams } from "./streams.ts";

/**
 * Makes the norms of a student give to the kept dimensions what the teacher's gave: a norm over fewer dimensions finds
 * another mean and another deviation. Gains are multiplied by the mean ratio of the deviations, and biases take up the
 * mean shift. Nothing changes where all width is kept.
 *
 * @param text Calibration text: sequences of equal length; or the teacher's streams on it, where they are known.
 * @throws {RangeError} If lengths differ or a token is not in the vocabulary.
 */
export async function rescaleNorms(
  teacher: Model,
  student: Model,
  subNetwork: SubNetwork,
  text: readonly (readonly number[])[] | TeacherStreams,
): Promise<void> {
  const { layers } = subNetwork;
  const { layers: depth, parallelResidual } = teacher.config;
  const norms = [
    ...layers.flatMap((from, to) => [
      { name: `gpt_neox.layers.${to}.input_layernorm`, input: `blocks.${from}.input` },
      {
        name: `gpt_neox.layers.${to}.post_attention_layernorm`,
        input: `blocks.${from}.${parallelResidual ? "input" : "mlp_input"}`,
      },
    ]),
    { name: "gpt_neox.final_layer_norm", input: `blocks.${depth - 1}.output` },
  ];
  const inputs = (await streamsOf(teacher, text)).values;
  const kept = pickLists(subNetwork, teacher.config)["width"]!;
  const compared = new Map<string, Comparison>(); // both norms of a parallel block read the same
  const parameters = await student.parameters();
  const rescaled: ParameterValues = new Map();
  for (const { name, input } of norms) {
    const { ratio, shift } = compared.get(input) ?? compare(inputs.get(input)!, kept, teacher.config);
    compared.set(input, { ratio, shift });
    const gain = parameters.get(`${name}.weight`)!, bias = parameters.get(`${name}.bias`)!;
    gain.forEach((value, i) => {
      bias[i]! += shift * value;
      gain[i] = ratio * value;
    });
    rescaled.set(`${name}.weight`, gain).set(`${name}.bias`, bias);
  }
  replaceParameters(student, rescaled);
}

interface Comparison {
  readonly ratio: number;
  readonly shift: number;
}

/** Of rows, the mean ratio of deviations over kept and over all values, and the mean shift of means in deviations. */
function compare(values: Float32Array, kept: Uint32Array, { width, epsilon }: GPTNeoXConfig): Comparison {
  const whole = momentsOfAll(values, width, epsilon);
  const rows = values.length / width;
  let ratio = 0, shift = 0;
  for (let row = 0; row < rows; row++) {
    const part = moments(values, row * width, kept, epsilon), { mean, deviation } = whole[row]!;
    ratio += part.deviation / deviation / rows;
    shift += (part.mean - mean) / deviation / rows;
  }
  return { ratio, shift };
}

interface Moments {
  readonly mean: number;
  readonly deviation: number;
}

/** Students of a search are compared with the same rows of their teacher, again and again. */
const known = new WeakMap<Float32Array, readonly Moments[]>();

function momentsOfAll(values: Float32Array, width: number, epsilon: number): readonly Moments[] {
  const found = known.get(values);
  if (found) return found;
  const all = Uint32Array.from({ length: width }, (_, i) => i);
  const rows = Array.from({ length: values.length / width }, (_, row) => moments(values, row * width, all, epsilon));
  known.set(values, rows);
  return rows;
}

function moments(values: Float32Array, first: number, places: Uint32Array, epsilon: number): Moments {
  let sum = 0, squares = 0;
  for (const place of places) sum += values[first + place]!;
  const mean = sum / places.length;
  for (const place of places) squares += (values[first + place]! - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / places.length + epsilon) };
}
