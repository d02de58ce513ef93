import {
  type Axis,
  axis,
  gatherClamped,
  index,
  oncePerAxis,
  select,
  type Tensor,
  tensor,
} from "../../tensor/internal.ts";

/** The unconstrained parameters that fill a triangle, row by row. */
export interface Triangle {
  /** The axis of the unconstrained parameters in the place of the two of the matrix. */
  unconstrainedAxes(axes: readonly Axis[]): readonly Axis[];
  /** The axis of the unconstrained parameters. */
  readonly unconstrained: Axis;
  /** The matrix of the numbers along `unconstrained`, with 0 in the rest. */
  fill(x: Tensor): Tensor;
  /** The numbers of a matrix along `unconstrained`. */
  take(matrix: Tensor): Tensor;
}

/** The axes made for each axis of rows: one object, so that its uses agree. */
const withDiagonal = oncePerAxis((row) =>
  axis(`${row.name} (triangle)`, (row.size * (row.size + 1)) / 2),
);
const withoutDiagonal = oncePerAxis((row) =>
  axis(`${row.name} (below diagonal)`, (row.size * (row.size - 1)) / 2),
);

/** The lower triangle over `row` and `column` of one size n, with the diagonal: n (n + 1) / 2 numbers. */
export function triangle(row: Axis, column: Axis): Triangle {
  return make(row, column, 0, withDiagonal(row));
}

/** What is below the diagonal: n (n - 1) / 2 numbers, for n of at least 2. */
export function belowDiagonal(row: Axis, column: Axis): Triangle {
  return make(row, column, 1, withoutDiagonal(row));
}

function make(row: Axis, column: Axis, below: 0 | 1, unconstrained: Axis): Triangle {
  const places = Array.from({ length: row.size }, (_, i) =>
    Array.from({ length: i + 1 - below }, (_, j) => [i, j] as const),
  ).flat();
  const positions = (k: 0 | 1) =>
    tensor(
      Int32Array.from(places, (place) => place[k]),
      [unconstrained],
    );
  const [i, j] = [index(row), index(column)];
  const startOf = (k: number) => (k * (k + 1 - 2 * below)) / 2;
  const starts = tensor(
    Int32Array.from({ length: row.size }, (_, k) => startOf(k)),
    [row],
  );
  return {
    unconstrained,
    unconstrainedAxes: (all) =>
      all.flatMap((a) => (a === row ? [unconstrained] : a === column ? [] : [a])),
    fill: (x) => select(i.ge(j.add(below)), gatherClamped(x, unconstrained, starts.add(j)), 0),
    take: (matrix) => gatherClamped(gatherClamped(matrix, row, positions(0)), column, positions(1)),
  };
}
