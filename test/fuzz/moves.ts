/** The ways in which a random graph grows, each from what is there and three numbers. */
import type { Move } from "./moves/choices.ts";
import {
  binary,
  choose,
  compare,
  logic,
  onPositive,
  reduce,
  stopped,
  unary,
} from "./moves/elementwise.ts";
import { compareIntegers, convert, drawn, integers, position, shuffle } from "./moves/integers.ts";
import { derivative, ended, looped, nested, written } from "./moves/loops.ts";
import {
  apart,
  embedded,
  gathered,
  joined,
  lagged,
  renamed,
  shifted,
  sliced,
  stacked,
  windowed,
} from "./moves/positions.ts";
import { contract, factorAdjoint, layer, matrices, onBytes, solvedFor } from "./moves/products.ts";
import { density, special } from "./moves/special.ts";

const WEIGHTS: readonly (readonly [Move, number])[] = [
  [unary, 10],
  [binary, 10],
  [reduce, 7],
  [contract, 6],
  [layer, 8],
  [onPositive, 8],
  [derivative, 10],
  [compare, 2],
  [choose, 4],
  [gathered, 4],
  [embedded, 3],
  [sliced, 2],
  [renamed, 2],
  [joined, 2],
  [stacked, 2],
  [shifted, 1],
  [drawn, 3],
  [convert, 3],
  [integers, 5],
  [compareIntegers, 1],
  [logic, 1],
  [position, 1],
  [onBytes, 2],
  [matrices, 4],
  [stopped, 1],
  [looped, 3],
  [nested, 2],
  [ended, 2],
  [windowed, 4],
  [apart, 2],
  [written, 2],
  [solvedFor, 3],
  [factorAdjoint, 2],
  [special, 3],
  [density, 3],
  [lagged, 1],
  [shuffle, 1],
];

/** The moves, each as often as its weight. */
export const MOVES: readonly Move[] = WEIGHTS.flatMap(([move, weight]) =>
  Array.from({ length: weight }, () => move),
);
