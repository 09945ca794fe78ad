/**
 * Other adapters than the one there is.
 *
 * @module
 */

/** Lets WebGPU offer another adapter, or none, until it is disposed of. */
export function offer(adapter: (found: GPUAdapter) => GPUAdapter | null): Disposable {
  const prototype = GPU.prototype as { requestAdapter: GPU["requestAdapter"] };
  const { requestAdapter } = prototype;
  prototype.requestAdapter = async function (this: GPU, options) {
    return adapter((await requestAdapter.call(this, options))!);
  };
  return { [Symbol.dispose]: () => void (prototype.requestAdapter = requestAdapter) };
}

/** An adapter that says of itself whether it is a software one. */
export function posing(adapter: GPUAdapter, isFallbackAdapter: boolean): GPUAdapter {
  const info = new Proxy(adapter.info, {
    get: (info, name) => name === "isFallbackAdapter" ? isFallbackAdapter : Reflect.get(info, name, info),
  });
  return new Proxy(adapter, {
    get(adapter, name) {
      if (name === "info") return info;
      const value = Reflect.get(adapter, name, adapter);
      return typeof value === "function" ? value.bind(adapter) : value;
    },
  });
}
