import { assertEquals, assertStringIncludes } from "@std/assert";
import { installKernel, kernelFolder, removeKernel } from "../../../lib/io/jupyter/kernel_spec.ts";
import { runTask } from "../../tasks/run_task.ts";
import { inFolder } from "../temporary_folder.ts";

Deno.test("the kernel lies where Jupyter looks on each system", () => {
  const folder = (os: string, env: Record<string, string> = {}) => kernelFolder({ os, home: "/home/a", env });
  assertEquals(folder("linux"), "/home/a/.local/share/jupyter/kernels/offshoot");
  assertEquals(folder("linux", { XDG_DATA_HOME: "/data" }), "/data/jupyter/kernels/offshoot");
  assertEquals(folder("darwin", { XDG_DATA_HOME: "/data" }), "/home/a/Library/Jupyter/kernels/offshoot");
  assertEquals(folder("windows", { APPDATA: "C:/Data" }), "C:/Data/jupyter/kernels/offshoot");
  assertEquals(folder("linux", { JUPYTER_DATA_DIR: "/own", XDG_DATA_HOME: "/data" }), "/own/kernels/offshoot");
});

Deno.test("the kernel is this Deno, is interrupted by message and has the tasks' environment", () =>
  inFolder(async (folder) => {
    assertEquals([await installKernel(`${folder}/a/b`), await installKernel(`${folder}/a/b`)], [true, false]);
    const spec = JSON.parse(await Deno.readTextFile(`${folder}/a/b/kernel.json`));
    assertEquals(spec.argv, [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"]);
    assertEquals([spec.interrupt_mode, spec.language], ["message", "typescript"]);
    assertEquals(spec.env["DENO_WEBGPU_BACKEND"], "vulkan,metal,dx12");
    assertStringIncludes(spec.env["DENO_V8_FLAGS"], "--");
    assertEquals([await removeKernel(`${folder}/a/b`), await removeKernel(`${folder}/a/b`)], [true, false]);
  }));

Deno.test("the task says where the kernel is, installs it once and removes it", () =>
  inFolder(async (folder) => {
    const task = async (...flags: string[]) => {
      const { code, stdout, stderr } = await runTask("jupyter", flags, { JUPYTER_DATA_DIR: folder });
      assertEquals([code, stderr], [0, ""]);
      return stdout;
    };
    const place = `'${folder}/kernels/offshoot'`;
    assertEquals(await task(), `done: the kernel 'Offshoot (Deno)' is now in ${place}\n`);
    assertEquals(await task(), `done: the kernel 'Offshoot (Deno)' was already in ${place}\n`);
    assertEquals(await task("--remove"), `done: the kernel 'Offshoot (Deno)' was removed from ${place}\n`);
    assertEquals(await task("--remove"), `done: the kernel 'Offshoot (Deno)' is not in ${place}\n`);
  }));
