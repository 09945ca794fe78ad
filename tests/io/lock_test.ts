import { assert, assertEquals, assertRejects } from "@std/assert";
import { FileError } from "../../lib/io/file_error.ts";
import { lockFolder, tryLockFolder } from "../../lib/io/lock.ts";
import { inFolder } from "./temporary_folder.ts";

Deno.test("a folder that is locked is locked for all others until it is given back", () =>
  inFolder(async (folder) => {
    const path = `${folder}/not/there/yet`;
    {
      using lock = await tryLockFolder(path);
      assert(lock);
      assertEquals(await tryLockFolder(path), undefined);
    }
    using again = await tryLockFolder(path);
    assert(again);
  }));

Deno.test("whoever waits for a locked folder has it next", () =>
  inFolder(async (folder) => {
    const order: string[] = [];
    const first = await lockFolder(folder);
    const second = lockFolder(folder).then((lock) => {
      order.push("second");
      lock[Symbol.dispose]();
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    order.push("first");
    first[Symbol.dispose]();
    await second;
    assertEquals(order, ["first", "second"]);
  }));

Deno.test("a killed process leaves no folder locked", () =>
  inFolder(async (folder) => {
    const module = new URL("../../lib/io/lock.ts", import.meta.url);
    const source = `import { lockFolder } from "${module}"; const lock = await lockFolder(${JSON.stringify(folder)});
      console.log("locked"); setInterval(() => lock, 1e6);`;
    const child = new Deno.Command(Deno.execPath(), { args: ["eval", source], stdout: "piped" }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    assertEquals(await tryLockFolder(folder), undefined);
    child.kill("SIGKILL");
    await reader.cancel();
    await child.status;
    using lock = await tryLockFolder(folder);
    assert(lock);
  }));

Deno.test("a folder that cannot be is one clear line", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    await assertRejects(() => lockFolder(`${folder}/file/a`), FileError, "a part of the path is a file");
    await assertRejects(() => tryLockFolder(`${folder}/${"a".repeat(300)}`), FileError, "the name is too long");
  }));
