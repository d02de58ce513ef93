/** The largest, or the mean, of the elements in windows. */
import {
  AXIS,
  type Axis,
  and,
  axis,
  cast,
  checkArguments,
  index,
  listOf,
  max,
  maximum,
  minimum,
  NUMBER,
  optional,
  optionsWith,
  select,
  sum,
  TENSOR,
  type Tensor,
  wholeNumber,
} from "../tensor/internal.ts";
import { checkHas, checkWindowCount, checkWindows, type Windows, windowsOf } from "./windows.ts";

/** How windows move along an axis of x. */
export interface PoolingAlong {
  /** The axis of x. */
  readonly axis: Axis;
  /** The axis of the result in its place, with an element for each window. */
  readonly to: Axis;
  /** Elements of a window. */
  readonly size: number;
  /** Elements from one window to the next; the size unless given. */
  readonly stride?: number;
  /** How far the first window begins before the first element, and the last one goes on; 0 unless given. */
  readonly padding?: number;
}

const ALONG = listOf(
  optionsWith<PoolingAlong>({
    axis: AXIS,
    to: AXIS,
    size: NUMBER,
    stride: optional(NUMBER),
    padding: optional(NUMBER),
  }),
);

/**
 * The largest element of each window: over the axes `to` in the place of those that windows move along, and all others of x.
 * Where several are largest, they share the derivative.
 *
 * @throws SurmiseError if x lacks an axis, or an axis of the result is not of the size (axis + 2 padding - size) / stride +
 * 1, rounded down.
 *
 * @example maxPool(image, [{ axis: row, to: halfRow, size: 2 }, { axis: column, to: halfColumn, size: 2 }])
 */
export function maxPool(x: Tensor, along: readonly PoolingAlong[]): Tensor {
  const windows = prepared("maxPool", x, along);
  const elements = windowsOf(x, windows);
  const outside = windows.filter(({ padding }) => padding > 0).map(isInside);
  const inside = outside.reduce((y, isOn) => select(isOn, y, Number.NEGATIVE_INFINITY), elements);
  return max(inside, ...windows.map(({ window }) => window));
}

/**
 * The mean of the elements of each window: over the axes `to` in the place of those that windows move along, and all others
 * of x. Where a window goes beyond the ends it is the mean of the elements there are.
 *
 * @throws SurmiseError as `maxPool`.
 */
export function averagePool(x: Tensor, along: readonly PoolingAlong[]): Tensor {
  const windows = prepared("averagePool", x, along);
  const total = sum(windowsOf(x, windows), ...windows.map(({ window }) => window));
  return windows.reduce((y, each) => y.div(cast(countOf(each), y.dtype)), total);
}

function prepared(word: string, x: Tensor, along: readonly PoolingAlong[]): Windows[] {
  checkArguments(word, { x }, TENSOR);
  checkArguments(word, { along }, ALONG);
  const windows = along.map(({ size, stride = size, ...rest }) => {
    wholeNumber(`${word}: the size along '${rest.axis.name}'`, size, { least: 1 });
    const window = axis(`${rest.axis.name} (window)`, size);
    return checkWindows(word, { ...rest, window, stride });
  });
  checkHas(
    word,
    x,
    windows.map((each) => each.axis),
  );
  for (const each of windows) checkWindowCount(word, each);
  return windows;
}

/** Whether a place in a window lies on the axis. */
function isInside({ axis: a, window, to, stride, padding }: Windows): Tensor {
  const position = index(to).mul(stride).add(index(window)).sub(padding);
  return and(position.ge(0), position.lt(a.size));
}

/** How many elements of a window there are. */
function countOf({ axis: a, window, to, stride, padding }: Windows): Tensor {
  const first = index(to).mul(stride).sub(padding);
  return minimum(first.add(window.size), a.size).sub(maximum(first, 0));
}
