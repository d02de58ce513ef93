/** Cholesky factors, their adjoints and triangular solves as loops, in place: the operand lies where the result will. */
import { sizeOf, withoutAxes } from "../../../tensor/internal.ts";
import { type Buffer, stride } from "../../buffer.ts";
import {
  type LinearNode,
  linearForm,
  linearWork,
  rightAxes,
  solveAxes,
} from "../../graph/linear.ts";
import type { FloatType } from "../../scalar/language.ts";
import { laneType } from "../expressions.ts";
import { type Address, lanesOf, type Statement, type Target } from "../loops.ts";
import { tasksFor } from "../partition.ts";
import { startOf, stepsIn, tileDim } from "../product/dims.ts";
import type { Lowered } from "../walk.ts";
import { adjointInBlocks, adjointInLanes } from "./adjoint.ts";
import { Batch } from "./batch.ts";
import { factorInBlocks, factorInLanes } from "./cholesky.ts";
import { solveByColumns, solveBySums, solveInBlocks, type Triangle } from "./solve.ts";
import { Matrix } from "./statements.ts";

/** Right-hand sides that are solved together, so that what is known of them stays near. */
const MOST_COLUMNS = 128;

/** The statements that make the value of `node` in `result` out of its operand. */
export function lowerLinear(
  node: LinearNode,
  result: Buffer,
  matrix: Buffer | undefined,
  target: Target,
): Pick<Lowered, "statements" | "flops"> {
  const { operation } = node;
  const { kind, order } = linearForm(node);
  const type = laneType(node.dtype) as FloatType;
  const lanes = lanesOf(type, target);
  const n = operation.row.size;
  const flops = linearWork(node);
  const right = rightAxes(node);
  const inBlocks = kind === "blocks";
  const vector = kind === "lanes" ? order.at(-1) : undefined;
  const outer = withoutAxes(order, [operation.row, operation.column, ...(inBlocks ? right : [])]);
  const batch = new Batch(outer, vector, lanes, flops, target);
  const done = (body: readonly Statement[]) => ({ statements: batch.around(body), flops });

  if (operation.op === "cholesky") {
    const { row, column } = operation;
    const l = new Matrix(batch.start(result), stride(result, row), stride(result, column));
    const factor = inBlocks ? factorInBlocks(l, n, type, target) : factorInLanes(l, n, type);
    return done(factor);
  }

  if (matrix === undefined) throw new Error(`${node}: its matrix is not in memory`);
  if (operation.op === "choleskyAdjoint") {
    const { row, column } = operation;
    const [h, l] = [result, matrix].map(
      (x) => new Matrix(batch.start(x), stride(x, row), stride(x, column)),
    );
    return done(inBlocks ? adjointInBlocks(h, l, n, type, target) : adjointInLanes(h, l, n, type));
  }
  const { equation, unknown } = solveAxes(operation);
  const m = new Matrix(batch.start(matrix), stride(matrix, equation), stride(matrix, unknown));
  const triangle: Triangle = { m, n, backwards: operation.transposed };
  const vectorOf = (start: Address) => new Matrix(start, stride(result, unknown), 1);
  if (!inBlocks) {
    const x = vectorOf(batch.start(result));
    const along = kind === "vectors" ? lanes : 1;
    const byColumns = kind === "vectors" && m.rowStride === 1;
    return done((byColumns ? solveByColumns : solveBySums)(triangle, x, type, along));
  }
  const pieces = outer.length > 0 ? 1 : Math.max(1, tasksFor(flops, target));
  const wide = target.tile[type].columns;
  const atMost = Math.min(MOST_COLUMNS, Math.ceil(sizeOf(right) / pieces / wide) * wide);
  const columns = tileDim("right", right, atMost, wide);
  const start = batch.start(result);
  const x = vectorOf({ ...start, terms: [...start.terms, ...startOf(columns, 1)] });
  const body = solveInBlocks(triangle, x, stepsIn(columns, columns.inner), type, target);
  if (columns.counter === undefined) return done(body);
  const { counter: variable, blocks: to } = columns;
  if (outer.length === 0) return { statements: [{ kind: "parallel", variable, to, body }], flops };
  return done([{ kind: "loop", variable, to, step: 1, lanes: 1, body }]);
}
