/**
 * The search methods by name.
 *
 * @module
 */

import { evolution } from "./evolution.ts";
import { halving } from "./halving.ts";
import { local } from "./local.ts";
import type { Method } from "./method.ts";
import { nsga2 } from "./nsga2.ts";
import { random } from "./random.ts";
import { regularised } from "./regularised.ts";
import { stratified } from "./stratified.ts";

/** The name of a search method. */
export type MethodName = "evolution" | "random" | "stratified" | "local" | "regularised" | "nsga2" | "halving";

/** All methods. */
export const methods: Readonly<Record<MethodName, Method>> = {
  evolution,
  random,
  stratified,
  local,
  regularised,
  nsga2,
  halving,
};

/** The names of all methods. */
export const methodNames: readonly MethodName[] = Object.keys(methods) as MethodName[];
