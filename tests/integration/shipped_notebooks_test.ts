import { assert, assertEquals } from "@std/assert";
import { readNotebook } from "../../lib/io/jupyter/notebook_file.ts";
import { storedResults } from "../../lib/notebook/stored_results.ts";
import { runTask } from "../tasks/run_task.ts";

const folder = "notebooks";
const paths = [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`)
  .filter((path) => path.endsWith(".ipynb")).sort();

Deno.test("there are notebooks, all of them numbered", () => {
  assert(paths.length > 0);
  for (const path of paths) assert(/^notebooks\/\d\d-[a-z]+\.ipynb$/.test(path), path);
});

Deno.test("the cells of all notebooks have the types that the library asks for", async () => {
  const { code, stderr } = await runTask("notebook_type", paths);
  assertEquals([code, stderr], [0, ""]);
});

for (const path of paths) {
  Deno.test(`${path}, run in small, comes to the results that it holds`, async () => {
    const { code, stdout, stderr } = await runTask("notebook_check", [path, "--quick"]);
    assertEquals([code, stderr], [0, ""], stdout);
  });

  Deno.test(`${path} carries its outputs, with pictures that read everywhere, in less than a megabyte`, async () => {
    assert((await Deno.stat(path)).size < 1_000_000);
    const notebook = await readNotebook(path);
    for (const size of ["quick", "full"] as const) {
      assert(storedResults(notebook, size).length > 0, `no results of a ${size} run`);
    }
    const code = notebook.cells.filter((cell) => cell.cell_type === "code");
    assert(code.every(({ execution_count }) => execution_count !== null), "a cell was not run");
    const bundles = code.flatMap(({ outputs }) => outputs.flatMap((output) => "data" in output ? [output.data] : []));
    const pictures = bundles.filter((bundle) => "image/svg+xml" in bundle);
    assert(pictures.length > 0);
    assert(pictures.every((bundle) => "image/png" in bundle && "text/plain" in bundle));
  });
}
