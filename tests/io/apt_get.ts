/**
 * An `apt-get` that installs nothing.
 *
 * @module
 */

/** Runs `body` with an `apt-get` that notes its calls and the sources it sees, and does what `script` says. */
export function withAptGet(script: string, body: (folder: string) => void): string[] {
  const folder = Deno.makeTempDirSync();
  const path = Deno.env.get("PATH") ?? "";
  const noted = `echo "$*" >> ${folder}/calls
for argument in "$@"; do
  case $argument in Dir::Etc::sourceparts=*) cat "\${argument#*=}"/* > ${folder}/seen ;; esac
done
${script}`;
  Deno.writeTextFileSync(`${folder}/apt-get`, `#!/bin/sh\n${noted}\n`, { mode: 0o755 });
  Deno.env.set("PATH", `${folder}:${path}`);
  try {
    body(folder);
    return Deno.readTextFileSync(`${folder}/calls`).trim().split("\n");
  } finally {
    Deno.env.set("PATH", path);
    Deno.removeSync(folder, { recursive: true });
  }
}
