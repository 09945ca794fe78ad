import { assertEquals } from "@std/assert";
import { drawnArms, overviewArms } from "../../lib/study/drawn.ts";
import type { ArmSummary } from "../../lib/study/summary.ts";

const arm = (...losses: number[]) => ({ budgets: losses.map((loss_mean) => ({ loss_mean })) }) as unknown as ArmSummary;
const summary = {
  reference: "random",
  arms: {
    ...{ "random": arm(5, 3), "random+online": arm(4.5), "prefix": arm(4), "prefix+online": arm(3.8) },
    ...{
      "principal": arm(3.5),
      "principal+online": arm(3.2),
      "principal+store": arm(3.4, 2.9),
      "spaced+online": arm(3.9),
    },
  },
};

Deno.test("charts of a large study draw every start alone, and the lessons of the best one and of the reference", () => {
  assertEquals(Object.keys(drawnArms(summary, 7).arms), [
    ...["random", "random+online", "prefix", "principal", "principal+online", "principal+store"],
  ]);
});

Deno.test("charts of a small study draw all of it", () => {
  assertEquals(drawnArms(summary, 8), summary);
  assertEquals(drawnArms(summary), summary);
});

Deno.test("in short a study is its reference, the strongest cheap start, and the best start with its lessons", () => {
  const best = ["principal", "principal+online", "principal+store"];
  assertEquals(Object.keys(overviewArms({ ...summary, cheap: { baseline: "prefix", arms: {} } }).arms), [
    ...["random", "prefix", ...best],
  ]);
  assertEquals(Object.keys(overviewArms(summary).arms), ["random", ...best]);
});
