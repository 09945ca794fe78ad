import { type Column, formatTable } from "../../lib/report/table.ts";
import { formatBytes, formatCount, formatPercent } from "../../lib/units.ts";
import type { SearchSpeed } from "./search.ts";
import type { PeerName, ShapeResult } from "./measure.ts";

/** What the bench prints with `--json`. */
export interface BenchReport {
  readonly device: string;
  readonly adapter: string;
  readonly software: boolean;
  /** The checkout's commit, `-dirty` when files were changed; absent outside of one. */
  readonly commit?: string;
  /** What plain kernels reach at most, to compare with. */
  readonly peak: { readonly gflops: number; readonly gigabytes_per_s: number };
  readonly results: readonly ShapeResult[];
  readonly matmul: readonly { readonly size: number; readonly gflops: number }[];
  /** How fast candidates are judged; absent where that was not asked for. */
  readonly search?: SearchSpeed;
}

/** Writes a report for people. */
export function formatReport(report: BenchReport, peers: readonly PeerName[]): string {
  const { adapter, commit, peak, results, matmul, search } = report;
  const ofPeak = ({ gflops }: { gflops: number }) => formatPercent(gflops / peak.gflops);
  const rates = [
    { title: "GFLOP/s", text: ({ gflops }: { gflops: number }) => gflops.toFixed(1) },
    { title: "of peak", text: ofPeak },
  ];
  const shapes: Column<ShapeResult>[] = [
    { title: "shape", text: ({ shape }) => shape, align: "left" },
    { title: "params", text: ({ params }) => formatCount(params) },
    { title: "tokens/s", text: ({ tokens_per_s }) => formatCount(tokens_per_s) },
    { title: "ms/step", text: ({ step_ms }) => step_ms.toFixed(1) },
    { title: "spread", text: ({ spread }) => `${(100 * spread).toFixed(0)}%` },
    ...rates,
    { title: "memory", text: ({ peak_bytes }) => formatBytes(peak_bytes) },
    ...peers.flatMap((peer): Column<ShapeResult>[] => [
      { title: `${peer} tokens/s`, text: ({ peers }) => speed(peers[peer]) },
      { title: "ours is", text: ({ ratios }) => ratios[peer] === undefined ? "-" : `${ratios[peer].toFixed(2)}x` },
    ]),
  ];
  const errors = results.flatMap((result) =>
    peers.flatMap((peer) => {
      const found = result.peers[peer];
      return typeof found === "object" ? [`shape ${result.shape}, ${peer}: ${found.error}`] : [];
    })
  );
  const sections = [
    `${adapter}${commit ? `, commit ${commit}` : ""}\n` +
    `measured peak: ${peak.gflops.toFixed(1)} GFLOP/s, ${peak.gigabytes_per_s.toFixed(2)} GB/s`,
    results.length > 0 && formatTable(shapes, results),
    errors.length > 0 && errors.join("\n"),
    search !== undefined &&
    `search: ${search.candidates_per_s} candidates a second on ${
        formatCount(search.calibration_tokens)
      } tokens each, ` +
      `${formatPercent(search.overhead)} of the time not in a forward pass`,
    matmul.length > 0 && formatTable([{ title: "matmul", text: ({ size }) => String(size) }, ...rates], matmul),
  ];
  return sections.filter((section) => section !== false).join("\n\n");
}

function speed(found: number | { readonly error: string } | undefined): string {
  return typeof found === "number" ? formatCount(found) : "-";
}
