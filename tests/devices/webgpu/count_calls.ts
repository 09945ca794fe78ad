/** Methods of WebGPU that make something, wait for something or hand something over. */
const METHODS = [
  [GPUDevice, [
    "createBuffer",
    "createBindGroup",
    "createBindGroupLayout",
    "createPipelineLayout",
    "createShaderModule",
    "createComputePipeline",
    "createComputePipelineAsync",
    "createQuerySet",
    "createCommandEncoder",
    "popErrorScope",
  ]],
  [GPUQueue, ["submit", "writeBuffer", "onSubmittedWorkDone"]],
  [GPUBuffer, ["mapAsync"]],
] as const;

/** Counts of calls since `countCalls`, until it is disposed of. */
export interface CallCounts extends Disposable {
  /** Calls by method; methods that were not called are missing. */
  readonly calls: Readonly<Record<string, number>>;
}

/** Counts calls of WebGPU itself, whatever the device under test says that it does. */
export function countCalls(): CallCounts {
  const calls: Record<string, number> = {};
  const originals = METHODS.flatMap(([type, names]) =>
    names.map((name) => {
      const prototype = type.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
      const original = prototype[name]!;
      prototype[name] = function (this: unknown, ...args: unknown[]) {
        calls[name] = (calls[name] ?? 0) + 1;
        return original.apply(this, args);
      };
      return () => prototype[name] = original;
    })
  );
  return { calls, [Symbol.dispose]: () => originals.forEach((restore) => restore()) };
}
