/**
 * The same training step elsewhere, measured on this machine: each peer is a script that does the work of our own bench
 * in a process of its own.
 *
 * @module
 */

import { type Shape, shapeFlags } from "./shape.ts";

export type { Shape };

/** What a peer's script prints. */
export interface Measurement {
  /** The peer, with its version and what it computes on. */
  readonly peer: string;
  /** The shape that was measured. */
  readonly shape: Shape;
  /** The model's trainable numbers. */
  readonly params: number;
  /** The fastest step, in milliseconds. */
  readonly step_ms: number;
  /** The median step, in milliseconds. */
  readonly step_ms_median: number;
  /** Trained tokens a second in the median step. */
  readonly tokens_per_s: number;
  /** The first losses, which show that it trains. */
  readonly losses: readonly number[];
}

/** A peer's measurement, or the reason why there is none. */
export type PeerResult = Measurement | { readonly error: string };

/** The peers by name. */
export const peers = { jax: runJax, tfjs: runTfjs, torch: runTorch, cuda: runCuda } as const;

/** Measures a peer at one shape over a number of steps; a peer that is not installed or fails is an error record. */
export function runPeer(name: keyof typeof peers, shape: Shape, steps: number): Promise<PeerResult> {
  return peers[name](shape, steps);
}

function runJax(shape: Shape, steps: number): Promise<PeerResult> {
  return runScript("jax.ts", shape, steps);
}

function runTfjs(shape: Shape, steps: number): Promise<PeerResult> {
  return runScript("tfjs.ts", shape, steps);
}

function runScript(name: string, shape: Shape, steps: number): Promise<PeerResult> {
  return measure(Deno.execPath(), ["run", "--allow-all", script(name), ...shapeFlags(shape, steps)]);
}

/** Measures PyTorch at its best: one or all cores for its own threads, one or all for the BLAS library's. */
async function runTorch(shape: Shape, steps: number): Promise<PeerResult> {
  const python = await pythonWithTorch();
  if (!python) {
    return { error: "PyTorch is not installed; on Debian: apt-get install -y python3-torch libopenblas0-pthread" };
  }
  const counts = [...new Set([1, navigator.hardwareConcurrency])];
  let best: PeerResult = { error: "PyTorch was not run" };
  for (const threads of counts) {
    for (const blasThreads of counts) {
      const result = await measure(
        python,
        [script("pytorch.py"), ...shapeFlags(shape, steps), `--threads=${threads}`],
        { OMP_NUM_THREADS: `${threads}`, OPENBLAS_NUM_THREADS: `${blasThreads}` },
      );
      if ("error" in result) return result;
      if ("error" in best || result.tokens_per_s > best.tokens_per_s) best = result;
    }
  }
  return best;
}

/** Measures PyTorch on an NVIDIA GPU. */
async function runCuda(shape: Shape, steps: number): Promise<PeerResult> {
  const python = await pythonWithTorch("torch.cuda.is_available()");
  if (!python) return { error: "no Python was found whose PyTorch has a CUDA GPU; see pytorch.org for one" };
  return measure(python, [script("pytorch.py"), ...shapeFlags(shape, steps), "--threads=1", "--device=cuda"]);
}

/** Finds a Python that has PyTorch; the system's own comes first, as Debian's packages are not seen by others. */
async function pythonWithTorch(condition = "True"): Promise<string | undefined> {
  for (const python of ["/usr/bin/python3", "python3"]) {
    if ((await run(python, ["-c", `import torch; raise SystemExit(not ${condition})`])).success) return python;
  }
  return undefined;
}

function script(name: string): string {
  return `${import.meta.dirname}/${name}`;
}

async function measure(command: string, args: string[], env: Record<string, string> = {}): Promise<PeerResult> {
  const { success, stdout, stderr } = await run(command, args, env);
  const lines = (success ? stdout : stderr).trim().split("\n");
  if (success) return JSON.parse(lines.at(-1)!);
  const complaint = lines.find((line) => /^\w*error/i.test(line)) ?? lines.at(-1)!;
  return { error: complaint.replace(/^error: Uncaught (\(in promise\) )?/, "") };
}

async function run(
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ success: boolean; stdout: string; stderr: string }> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args,
      env: { NO_COLOR: "1", ...env },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return { success: false, stdout: "", stderr: `${command} is not installed` };
    }
    throw error;
  }
}
