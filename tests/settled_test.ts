import { assertEquals, assertRejects } from "@std/assert";
import { settled } from "../lib/settled.ts";

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("settled() gives all values in order", async () => {
  assertEquals(await settled([later(2).then(() => "a"), Promise.resolve(1)]), ["a", 1]);
});

Deno.test("settled() throws the first failure in order, once all others are done", async () => {
  const done: string[] = [];
  const all = [
    later(4).then(() => done.push("slow")),
    Promise.reject(new Error("first")),
    Promise.reject(new Error("b")),
  ];
  await assertRejects(() => settled(all), Error, "first");
  assertEquals(done, ["slow"]);
});
