import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { installPackages } from "../../lib/io/apt.ts";
import { withAptGet } from "./apt_get.ts";

function writeSources(folder: string): string {
  Deno.mkdirSync(`${folder}/sources.list.d`);
  Deno.writeTextFileSync(`${folder}/sources.list.d/a.list`, "deb http://mirror.example/debian bookworm main\n");
  Deno.writeTextFileSync(`${folder}/sources.list.d/b.list.disabled`, "deb http://other.example/debian bookworm main\n");
  return folder;
}

const verbs = (calls: string[]) => calls.map((call) => call.replace(/^.*?(update|install)/, "$1"));

Deno.test("packages come from the backports beside the machine's own sources", () => {
  const calls = withAptGet("", (folder) => {
    installPackages(["one", "two"], "bookworm", writeSources(folder));
    const seen = Deno.readTextFileSync(`${folder}/seen`);
    assertStringIncludes(seen, "deb http://mirror.example/debian bookworm main");
    assertStringIncludes(seen, "uris: http://mirror.example/debian\nsuites: bookworm-backports\n");
    assertEquals(seen.includes("other.example"), false);
  });
  assertEquals(verbs(calls), ["update", "install --yes --no-install-recommends -t bookworm-backports one two"]);
});

Deno.test("without backports on the mirror the release's own packages are taken", () => {
  const calls = withAptGet(`case $* in *sourceparts=*) exit 100 ;; esac`, (folder) => {
    installPackages(["one"], "bookworm", writeSources(folder));
  });
  assertEquals(verbs(calls), ["update", "update", "install --yes --no-install-recommends one"]);
});

Deno.test("a failed installation ends with apt's last line", () => {
  withAptGet(`echo "W: first" >&2; echo "E: no space" >&2; exit 100`, (folder) => {
    const install = () => installPackages(["one", "two"], undefined, folder);
    assertThrows(install, Error, "Cannot install one and two: apt-get says 'E: no space'");
  });
});
