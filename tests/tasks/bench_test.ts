import { assert, assertEquals, assertMatch } from "@std/assert";
import { runTask } from "./run_task.ts";

const tiny = "320x16x2x2x2x16";
const quick = ["--shapes", tiny, "--matmul", "8", "--steps", "1", "--rounds", "1", "--candidates", "1"];

Deno.test("bench --json prints one object: device, adapter, results with peers, and matrix products", async () => {
  const { code, stdout } = await runTask("bench", [...quick, "--peers", "tfjs", "--json"]);
  assertEquals(code, 0);
  const { device, adapter, results, matmul, peak, search } = JSON.parse(stdout);
  assertEquals(device, "cpu");
  assertMatch(adapter, /^CPU, WebAssembly (relaxed )?SIMD, \d+ threads?$/);
  assert(peak.gflops > 0 && peak.gigabytes_per_s > 0);

  assertEquals(results.length, 1);
  const { shape, params, tokens_per_s, step_ms, peak_bytes, peers, ratios } = results[0];
  assertEquals(shape, tiny);
  // Embedding and head, the last norm, and twice the projections with their biases and the two norms of a block.
  assertEquals(params, 2 * 320 * 16 + 2 * 16 + 2 * (12 * 16 ** 2 + 13 * 16));
  assertEquals(Math.round(tokens_per_s * step_ms / (2 * 16 * 1000)), 1);
  assert(peak_bytes > 4 * 4 * params, "parameters, gradients and two moments alone are more than these bytes");
  assert(peers.tfjs > 0 && ratios.tfjs > 0);

  assertEquals(matmul.map(({ size }: { size: number }) => size), [8]);
  assert(matmul[0].gflops > 0);
  assertEquals([search.candidates, search.calibration_tokens], [1, 4096]);
  assert(search.candidates_per_s > 0 && search.overhead > 0 && search.overhead < 1);
});

Deno.test("bench prints a table without --json, and a peer is left out when none is asked for", async () => {
  const { code, stdout } = await runTask("bench", [...quick, "--peers", "none"]);
  assertEquals(code, 0);
  assertMatch(stdout, /^CPU, WebAssembly (relaxed )?SIMD, \d+ threads?/);
  assertMatch(
    stdout,
    /shape +params +tokens\/s +ms\/step +spread +GFLOP\/s +of peak +memory\n320x16x2x2x2x16 +16,832 /,
  );
  assertMatch(stdout, /matmul +GFLOP\/s +of peak\n +8 /);
});

const refused: Readonly<Record<string, [args: string[], message: string]>> = {
  "an unknown shape": [
    ["--shapes", "A,C"],
    "Cannot use --shapes: must be A, B or vocabulary, width, layers, heads, batch, sequence as in 320x16x2x2x2x16; " +
    'joined by commas, or none, found "A,C"',
  ],
  "an unknown peer": [
    ["--peers", "mxnet"],
    'Cannot use --peers: must be jax, tfjs, torch, cuda (PyTorch on an NVIDIA GPU); joined by commas, or none, found "mxnet"',
  ],
  "a number of candidates below 0": [
    ["--candidates", "-1"],
    "Cannot use --candidates: must be a whole number of at least 0, found -1",
  ],
  "a size of 0": [["--matmul", "0"], 'Cannot use --matmul: must be sizes from 1; joined by commas, or none, found "0"'],
  "heads that do not divide the width": [
    ["--shapes", "320x15x2x2x2x16"],
    "Cannot use this model config: 'heads' must be a divisor of 'width' = 15, found 2; change shape 320x15x2x2x2x16",
  ],
};

for (const [what, [args, message]] of Object.entries(refused)) {
  Deno.test(`bench refuses ${what} before it measures anything`, async () => {
    assertEquals(await runTask("bench", args), { code: 2, stdout: "", stderr: `error: ${message}\n` });
  });
}
