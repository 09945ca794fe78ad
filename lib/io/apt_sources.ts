/**
 * The sources that a machine's apt is configured with, in both of their forms, and the backports beside them.
 *
 * @module
 */

/** One entry of apt's sources by deb822 field, the names in lower case (sources.list(5)). */
export type AptSource = Readonly<Record<string, string>>;

const words = (field: string | undefined): string[] => (field ?? "").split(/\s+/).filter((word) => word !== "");

function parseStanzas(text: string): AptSource[] {
  return text.replaceAll(/^#.*\n?/gm, "").split(/\n\s*\n/).map((stanza) =>
    Object.fromEntries(
      [...stanza.matchAll(/^([^\s:]+):[ \t]*(.*(?:\n[ \t].*)*)/gm)].map(([, name, value]) => [
        name!.toLowerCase(),
        value!.trimEnd(),
      ]),
    )
  ).filter((source) => source["uris"] !== undefined);
}

const fieldOfOption: AptSource = { arch: "architectures", lang: "languages", target: "targets" };

function parseLines(text: string): AptSource[] {
  return [...text.matchAll(/^\s*(deb|deb-src)\s+(?:\[(.*?)\]\s*)?(\S+)\s+(\S+)([^#\n]*)/gm)].map(
    ([, type, options, uri, suite, components]) => ({
      ...Object.fromEntries(
        [...(options ?? "").matchAll(/([\w-]+)=(\S+)/g)].map(([, name, value]) => [
          fieldOfOption[name!.toLowerCase()] ?? name!.toLowerCase(),
          value!.replaceAll(",", " "),
        ]),
      ),
      types: type!,
      uris: uri!,
      suites: suite!,
      components: words(components).join(" "),
    }),
  );
}

/** Parses one file of apt's sources: deb822 stanzas if its name ends in `.sources`, else one line an entry. */
export function parseSources(fileName: string, text: string): AptSource[] {
  return fileName.endsWith(".sources") ? parseStanzas(text) : parseLines(text);
}

/** Writes an entry as a deb822 stanza. */
export function formatSource(source: AptSource): string {
  return Object.entries(source).map(([name, value]) => `${name}: ${value}\n`).join("");
}

/**
 * Derives the entry for a release's backports from the entry for the release itself: the same mirror and signing key.
 *
 * Returns undefined where no enabled entry offers the release's main component.
 */
export function backportsOf(sources: readonly AptSource[], codename: string): AptSource | undefined {
  const release = sources.find((source) =>
    words(source["types"]).includes("deb") && words(source["suites"]).includes(codename) &&
    words(source["components"]).includes("main") && source["enabled"]?.toLowerCase() !== "no"
  );
  return release && { ...release, types: "deb", suites: `${codename}-backports`, components: "main" };
}

/** Reads every file of the sources in apt's configuration folder, by its path in there. */
export function readSourceFiles(root: string): Map<string, string> {
  const files = new Map<string, string>();
  const names = [...entries(root), ...entries(`${root}/sources.list.d`).map((name) => `sources.list.d/${name}`)];
  for (const name of names.sort()) {
    if (name === "sources.list" || /^sources\.list\.d\/.*\.(list|sources)$/.test(name)) {
      files.set(name, Deno.readTextFileSync(`${root}/${name}`));
    }
  }
  return files;
}

function entries(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map((entry) => entry.name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
