import type { Kernel } from "../define.ts";
import { geluFunctions } from "../gelu/mod.ts";
import shared from "./interface.wgsl" with { type: "text" };
import software from "./software.wgsl" with { type: "text" };
import tiled from "./tiled.wgsl" with { type: "text" };

const FOUR = `alias Vec = vec4f;
const LANES = 4u;
fn a4(i: u32) -> vec4f { return a[i / 4u]; }
fn b4(i: u32) -> vec4f { return b[i / 4u]; }
fn part(v: vec4f, j: u32) -> Vec { return v; }
fn wide(v: Vec) -> vec4f { return v; }
`;
const ONE = `alias Vec = f32;
const LANES = 1u;
fn a4(i: u32) -> vec4f { return vec4f(a[i], a[i + 1u], a[i + 2u], a[i + 3u]); }
fn b4(i: u32) -> vec4f { return vec4f(b[i], b[i + 1u], b[i + 2u], b[i + 3u]); }
fn part(v: vec4f, j: u32) -> Vec { return v[j]; }
fn wide(v: Vec) -> vec4f { return vec4f(v); }
`;
const PLAIN = "fn activate(i: u32, value: Vec) {}\n";
const ACTIVATED = `@group(0) @binding(6) var<storage, read_write> activated: array<Vec>;
fn activate(i: u32, value: Vec) { activated[i] = part(gelu(wide(value)), 0u); }
`;

/** Rows and columns of C that one workgroup of the software kernel computes. */
export const SOFTWARE_TILE = { rows: 16, columns: 32 };
/** Lanes of a subgroup through which the software kernel spreads rows. */
export const SOFTWARE_LANES = 8;
/** Rows and columns of C for each of the tiled kernel's BLOCKS. */
export const TILED_SIDE = 64;
/** Steps of k that the tiled kernel loads at a time. */
export const TILED_DEPTH = 16;

/** Which of a kernel's texts is meant. */
export interface Variant {
  /** Whether to use workgroup memory and barriers. */
  readonly tiled: boolean;
  /** Whether all rows start at multiples of four values, so that loads and stores can move four. */
  readonly aligned: boolean;
  /** Whether C receives a preactivation and a further binding its gelu. */
  readonly activation: boolean;
}

/** The text of a matrix multiplication kernel. */
export function matmulKernel(variant: Variant): Kernel {
  const { tiled: blocked, aligned, activation } = variant;
  const name = ["matmul", blocked && "tiled", activation && "gelu", !aligned && "scalar"].filter(Boolean).join(".");
  const epilogue = activation ? geluFunctions + ACTIVATED : PLAIN;
  return { name, source: (aligned ? FOUR : ONE) + epilogue + shared + (blocked ? tiled : software) };
}
