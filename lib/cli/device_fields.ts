/**
 * The flags of a device, for every task that opens one.
 *
 * @module
 */

import { z } from "zod";
import { DEVICE_KINDS } from "../devices/mod.ts";
import { field } from "./fields.ts";

/** Which device, and how much of the processor. */
export const deviceFields = {
  device: field(z.enum(DEVICE_KINDS).default("auto"), "what computes", {
    auto: "a hardware GPU where there is one, else the CPU",
  }),
  threads: field(z.int().min(0).max(1024).default(0), "threads of the CPU device", { zero: "one for each core" }),
};
