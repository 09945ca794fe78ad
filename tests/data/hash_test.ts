import { assertEquals } from "@std/assert";
import { canonicalJson, sha256, shortHash } from "../../lib/data/hash.ts";

Deno.test("sha256() gives the published digest of 'abc'", async () => {
  assertEquals(
    await sha256(new TextEncoder().encode("abc")),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

Deno.test("a hash is shown by its kind and its first 12 digits", () => {
  assertEquals(shortHash("0123456789abcdef".repeat(4)), "SHA-256 0123456789ab");
});

Deno.test("canonicalJson() sorts keys at every depth and keeps the order of lists", () => {
  const value = { b: [3, { d: null, c: "x" }, 1], a: { z: 1, "10": 2, "9": 3 } };
  assertEquals(canonicalJson(value), '{"a":{"9":3,"10":2,"z":1},"b":[3,{"c":"x","d":null},1]}');
});
