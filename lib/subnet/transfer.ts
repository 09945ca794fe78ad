/**
 * Graphs that move parameters from a teacher to a student and gradients back, under lists of indices that are inputs:
 * students of one shape from the same layers share a program.
 *
 * @module
 */

import { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import { declareParameters, type Pages, STUDENT, TEACHER } from "../model/pages.ts";
import { axpy } from "../ops/add/mod.ts";
import { gather, type Picks, scatterAdd } from "../ops/gather/mod.ts";
import { parameterPicks, type PickLists } from "./picks.ts";

/** A model's shape and how its parameters are packed. */
export interface Side {
  readonly config: GPTNeoXConfig;
  readonly pages: Pages;
}

/** The shape of a transfer: the student, the teacher's layers that it keeps, and how long its lists of indices are. */
export interface TransferShape {
  readonly teacher: Side;
  readonly student: Side;
  readonly layers: readonly number[];
  readonly lists: PickLists;
}

/** Adds to each of the student's parameters what it is in the teacher's. */
export function gatherGraph(shape: TransferShape): Graph {
  return transferGraph(shape, "parameters", (student, teacher, picks) => axpy(student, gather(teacher, picks)));
}

/** Adds each of the student's gradients to the teacher's where it was gathered from: the adjoint of the other graph. */
export function scatterGraph(shape: TransferShape): Graph {
  return transferGraph(shape, "gradients", (student, teacher, picks) => scatterAdd(teacher, student, picks));
}

function transferGraph(
  { teacher, student, layers, lists }: TransferShape,
  kind: "parameters" | "gradients",
  move: (student: Tensor, teacher: Tensor, picks: Picks) => void,
): Graph {
  const graph = new Graph();
  const indices = new Map(Object.entries(lists).map(([name, list]) => [name, graph.input(name, [list.length], "u32")]));
  const large = declareParameters(graph, teacher.pages, kind, `${TEACHER}.`);
  const small = declareParameters(graph, student.pages, kind, `${STUDENT}.`);
  for (const { to, from, rows, columns } of parameterPicks(student.config, layers)) {
    const picks = { rows: rows === undefined ? rows : indices.get(rows), columns: indices.get(columns) };
    move(small.get(to)!, large.get(from)!, picks);
  }
  return graph;
}
