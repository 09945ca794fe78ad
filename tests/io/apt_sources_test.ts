import { assertEquals } from "@std/assert";
import { backportsOf, formatSource, parseSources } from "../../lib/io/apt_sources.ts";

const stanzas = `# The mirror
Types: deb deb-src
URIs: http://mirror.example/debian
# Suites: sid
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
URIs: http://mirror.example/security
Suites: bookworm-security
Components: main
`;

Deno.test("the stanza form gives the backports the same mirror and the same key, line for line", () => {
  const backports = backportsOf(parseSources("debian.sources", stanzas), "bookworm");
  assertEquals(backports, {
    types: "deb",
    uris: "http://mirror.example/debian",
    suites: "bookworm-backports",
    components: "main",
    "signed-by": "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n -----END PGP PUBLIC KEY BLOCK-----",
  });
  assertEquals(parseSources("backports.sources", formatSource(backports!)), [backports!]);
});

Deno.test("the one-line form keeps its options under their stanza names", () => {
  const lines = `#deb http://old.example/debian bookworm main
deb-src http://mirror.example/debian bookworm main
deb [arch=amd64,arm64 signed-by=/keys/debian.gpg] http://mirror.example/debian bookworm main non-free # ours
`;
  assertEquals(backportsOf(parseSources("sources.list", lines), "bookworm"), {
    types: "deb",
    uris: "http://mirror.example/debian",
    suites: "bookworm-backports",
    components: "main",
    architectures: "amd64 arm64",
    "signed-by": "/keys/debian.gpg",
  });
});

Deno.test("there are no backports without an enabled entry for the release itself", () => {
  assertEquals(backportsOf(parseSources("debian.sources", stanzas), "trixie"), undefined);
  assertEquals(backportsOf(parseSources("debian.sources", `Enabled: no\n${stanzas}`), "bookworm"), undefined);
  assertEquals(
    backportsOf(parseSources("sources.list", "deb-src http://m.example/debian bookworm main"), "bookworm"),
    undefined,
  );
});
