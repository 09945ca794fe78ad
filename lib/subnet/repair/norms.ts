/**
 * Norms of a student that miss removed width.
 *
 * @module
 */

import { type Model, writePages } from "../../model/model.ts";
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
  const parameters = await student.parameters();
  for (const { name, input } of norms) {
    const { ratio, shift } = compare(inputs.get(input)!, teacher.config.width, kept, teacher.config.epsilon);
    const gain = parameters.get(`${name}.weight`)!, bias = parameters.get(`${name}.bias`)!;
    gain.forEach((value, i) => {
      bias[i]! += shift * value;
      gain[i] = ratio * value;
    });
  }
  writePages(student.store, student.pages, "parameters", parameters);
}

/** Of rows, the mean ratio of deviations over kept and over all values, and the mean shift of means in deviations. */
function compare(values: Float32Array, width: number, kept: Uint32Array, epsilon: number) {
  const all = Uint32Array.from({ length: width }, (_, i) => i);
  const rows = values.length / width;
  let ratio = 0, shift = 0;
  for (let row = 0; row < values.length; row += width) {
    const whole = moments(values, row, all, epsilon), part = moments(values, row, kept, epsilon);
    ratio += part.deviation / whole.deviation / rows;
    shift += (part.mean - whole.mean) / whole.deviation / rows;
  }
  return { ratio, shift };
}

function moments(values: Float32Array, row: number, places: Uint32Array, epsilon: number) {
  let sum = 0, squares = 0;
  for (const place of places) sum += values[row + place]!;
  const mean = sum / places.length;
  for (const place of places) squares += (values[row + place]! - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / places.length + epsilon) };
}
