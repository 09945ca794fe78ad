/**
 * The environment of this project's kernels.
 *
 * @module
 */

import { engineFlags } from "../engine_flags.ts";
import { QUICK } from "./quick.ts";

/**
 * Returns the variables that a kernel needs beside those that it inherits: Deno's WebGPU without OpenGL, V8 as the
 * tasks start it, and no colours in errors.
 *
 * @param quick Whether cells should do little; nothing leaves that to whoever starts the kernel.
 */
export function kernelEnvironment(quick?: boolean): Record<string, string> {
  return {
    DENO_WEBGPU_BACKEND: "vulkan,metal,dx12",
    DENO_V8_FLAGS: engineFlags(),
    NO_COLOR: "1",
    ...(quick !== undefined && { [QUICK]: quick ? "1" : "0" }),
  };
}
