/** A process that waits to be interrupted, for tests that do so. */
import { onInterrupt } from "../../tasks/_interrupt.ts";

using _interrupt = onInterrupt("stopping");
console.log("ready");
await new Promise((resolve) => setTimeout(resolve, 20_000));
