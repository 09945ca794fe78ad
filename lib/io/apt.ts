/**
 * Installation of Debian packages, from the release or from its backports.
 *
 * @module
 */

import { backportsOf, formatSource, parseSources, readSourceFiles } from "./apt_sources.ts";

function installCalls(
  packages: readonly string[],
  release?: string,
  options: readonly string[] = [],
): string[][] {
  return [
    [...options, "update"],
    [...options, "install", "--yes", "--no-install-recommends", ...(release ? ["-t", release] : []), ...packages],
  ];
}

/**
 * Installs packages, from the release's backports where the machine's mirror has them, else from the release.
 *
 * The sources with the backports added are a temporary folder that apt is pointed to, so its configuration stays as it
 * is.
 *
 * @param codename The release's code name if it is one that has backports.
 * @param configuration The folder of apt's sources.
 * @throws {Error} With apt's own last words if it fails.
 */
export function installPackages(packages: readonly string[], codename?: string, configuration = "/etc/apt"): void {
  const files = readSourceFiles(configuration);
  const sources = [...files].flatMap(([name, text]) => parseSources(name, text));
  const backports = codename === undefined ? undefined : backportsOf(sources, codename);
  if (backports) {
    const parts = Deno.makeTempDirSync({ prefix: "sources-" });
    try {
      for (const [name, text] of files) Deno.writeTextFileSync(`${parts}/${name.replace("sources.list.d/", "")}`, text);
      Deno.writeTextFileSync(`${parts}/backports.sources`, formatSource(backports));
      const options = ["-o", "Dir::Etc::sourcelist=/dev/null", "-o", `Dir::Etc::sourceparts=${parts}`];
      if (installCalls(packages, backports["suites"], options).every((call) => aptGet(call).success)) return;
    } finally {
      Deno.removeSync(parts, { recursive: true });
    }
  }
  for (const call of installCalls(packages)) {
    const { success, lastLine } = aptGet(call);
    if (!success) throw new Error(`Cannot install ${packages.join(" and ")}: apt-get says '${lastLine}'`);
  }
}

function aptGet(call: string[]): { success: boolean; lastLine: string } {
  const { success, stderr } = new Deno.Command("apt-get", {
    // Another installation may hold apt's lock for a while, as on a machine that has just started.
    args: ["-o", "DPkg::Lock::Timeout=120", ...call],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdin: "null",
  }).outputSync();
  return { success, lastLine: new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "" };
}
