/**
 * Measures our training step beside jax-js, TensorFlow.js and PyTorch, our matrix product and our search, on this
 * machine.
 *
 *   deno task bench
 */

import { z } from "zod";
import { deviceFields } from "../lib/cli/device_fields.ts";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { UsageError } from "../lib/cli/usage_error.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { describeDevice, openDevice } from "../lib/devices/mod.ts";
import { measurePeak } from "../lib/devices/peak.ts";
import { runTask } from "../lib/io/terminal.ts";
import { machineOptions } from "../lib/io/machine.ts";
import { benchMatmul } from "./bench/matmul.ts";
import { measureShape, type PeerName, rounded, type ShapeResult } from "./bench/measure.ts";
import { peers } from "./bench/peers/mod.ts";
import { benchSearch, type SearchSpeed } from "./bench/search.ts";
import type { BenchDevice } from "./bench/training.ts";
import { type BenchReport, formatReport } from "./bench/report.ts";
import { modelOf, type NamedShape, parseShape, shapePattern, shapes } from "./bench/shapes.ts";

const peerNames = Object.keys(peers) as PeerName[];
const shapeNames = Object.keys(shapes);

const schema = z.strictObject({
  shapes: list("training steps to measure", shapePattern, {
    preset: shapeNames,
    items: `${shapeNames.join(", ")} or vocabulary, width, layers, heads, batch, sequence as in 320x16x2x2x2x16`,
  }),
  peers: list("whom to measure too", peerNames.join("|"), {
    preset: peerNames.filter((name) => name !== "cuda"),
    items: `${peerNames.join(", ")} (PyTorch on an NVIDIA GPU)`,
  }),
  matmul: list("square matrix products to measure", "[1-9]\\d*", { preset: ["512"], items: "sizes from 1" }),
  candidates: field(z.int().min(0).default(16), "sub-networks of the shipped teacher to judge, as a search does", {
    zero: "none",
  }),
  steps: field(z.int().min(1).default(3), "training steps that each takes in a round"),
  rounds: field(z.int().min(1).default(2), "turns of ours and each peer"),
  ...deviceFields,
  json: field(z.boolean().default(false), "print one JSON object"),
});
const usage = "deno task bench [flags]";
const examples = [
  "deno task bench",
  "deno task bench --device webgpu --shapes A --peers tfjs --json",
  "deno task bench --device webgpu --shapes 2048x256x6x8x16x256 --peers cuda --matmul 1024,4096",
  "deno task bench --shapes 320x16x2x2x2x16 --peers none --matmul 512,1024",
];

await runTask(async (args) => {
  const flags = parseFlags(schema, args);
  if (flags.help) return console.log(help(schema, { usage, examples }));
  const asked = validate(schema, flags.values, flagNames());
  const chosen = items(asked.shapes).map(parseShape);
  chosen.forEach(checkShape);
  const peers = items(asked.peers) as PeerName[];
  const notice = (line: string) => console.error(line);

  const kernels = await measureKernels(asked, items(asked.matmul).map(Number), notice);
  const results: ShapeResult[] = [];
  for (const shape of chosen) results.push(await measureShape(shape, { ...asked, peers, notice }));
  let search: SearchSpeed | undefined;
  if (asked.candidates > 0) {
    notice(`search: ${asked.candidates} candidates`);
    search = await benchSearch(asked, asked.candidates);
  }
  const { matmul, ...device } = kernels;
  const commit = await currentCommit();
  const report: BenchReport = { ...device, ...(commit && { commit }), results, matmul, ...(search && { search }) };
  console.log(asked.json ? JSON.stringify(report) : formatReport(report, peers));
});

/** A flag for several items that match `pattern`; `items` says so in words. */
function list(what: string, pattern: string, { preset, items }: { preset: readonly string[]; items: string }) {
  const type = z.string().regex(new RegExp(`^(?:none|(?:${pattern})(?:,(?:${pattern}))*)$`));
  const rule = `${items}; joined by commas, or none`;
  return field(type.default(preset.join()), `${what}: ${rule}`, { rule });
}

function items(list: string): string[] {
  return list === "none" ? [] : [...new Set(list.split(","))];
}

function checkShape({ name, shape }: NamedShape): void {
  try {
    modelOf(shape);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(`${error.message}; change shape ${name}`) : error;
  }
}

/** Measures what needs no model, on a device of its own. */
async function measureKernels(
  { device: kind, threads }: BenchDevice,
  sizes: readonly number[],
  notice: (line: string) => void,
) {
  using device = await openDevice(kind, machineOptions(threads));
  notice(`${describeDevice(device)}: peak`);
  const { gflops, gigabytesPerSecond } = await measurePeak(device);
  const matmul: { size: number; gflops: number }[] = [];
  for (const size of sizes) {
    notice(`matrix product of size ${size}`);
    matmul.push({ size, gflops: rounded(await benchMatmul(device, size), 2) });
  }
  const peak = { gflops: rounded(gflops, 2), gigabytes_per_s: rounded(gigabytesPerSecond, 2) };
  return { device: device.kind, adapter: describeDevice(device), software: device.software, peak, matmul };
}

async function currentCommit(): Promise<string | undefined> {
  const args = ["describe", "--always", "--dirty"];
  const command = new Deno.Command("git", { args, cwd: import.meta.dirname!, stderr: "null" });
  const { success, stdout } = await command.output().catch(() => ({ success: false, stdout: new Uint8Array() }));
  return success ? new TextDecoder().decode(stdout).trim() : undefined;
}
