import { assertEquals } from "@std/assert";
import { LossWindow } from "../../lib/train/window.ts";

Deno.test("a window averages the losses since it was last taken", () => {
  const window = new LossWindow();
  [1, 2, 6].forEach((loss) => window.add(loss));
  assertEquals(window.take(), 3);
  window.add(5);
  assertEquals(window.take(), 5);
});

Deno.test("a window that goes on from saved state gives the row of one that never stopped", () => {
  const losses = [0.1, 0.7, 0.3, 1 / 3, 0.2];
  const whole = new LossWindow();
  losses.forEach((loss) => whole.add(loss));
  const first = new LossWindow();
  losses.slice(0, 2).forEach((loss) => first.add(loss));
  const resumed = new LossWindow(JSON.parse(JSON.stringify(first.state)));
  losses.slice(2).forEach((loss) => resumed.add(loss));
  assertEquals(resumed.state, whole.state);
  assertEquals(resumed.take(), whole.take());
});

Deno.test("a window is empty once it is taken", () => {
  const window = new LossWindow({ sum: 4, steps: 2 });
  assertEquals(window.take(), 2);
  assertEquals(window.state, { sum: 0, steps: 0 });
});
