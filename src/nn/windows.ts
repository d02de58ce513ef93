/** Windows that move along axes: what convolutions and pooling are made of. */
import {
  type Axis,
  axis,
  describeAxes,
  gatherClamped,
  index,
  make,
  SurmiseError,
  type Tensor,
  wholeNumber,
} from "../tensor/internal.ts";

/** How windows move along an axis. */
export interface WindowsAlong {
  /** The axis of x that they move along. */
  readonly axis: Axis;
  /** The axis of the places in a window. */
  readonly window: Axis;
  /** The axis of the result, with an element for each window. */
  readonly to: Axis;
  /** Elements from one window to the next; 1 unless given. */
  readonly stride?: number;
  /** Elements of value 0 before the first and after the last; 0 unless given. */
  readonly padding?: number;
}

/** What goes without saying, said. */
export type Windows = Required<WindowsAlong>;

/** @throws SurmiseError unless stride and padding are whole numbers of their ranges. */
export function checkWindows(what: string, given: WindowsAlong): Windows {
  const { stride = 1, padding = 0 } = given;
  wholeNumber(`${what}: the stride along '${given.axis.name}'`, stride, { least: 1 });
  const most = given.window.size - 1;
  wholeNumber(`${what}: the padding along '${given.axis.name}'`, padding, { most });
  return { ...given, stride, padding };
}

/** @throws SurmiseError if a layer maps an axis to one of the same name. */
export function checkOtherNames(what: string, from: readonly Axis[], to: readonly Axis[]): void {
  const twice = from.find((a) => to.some((b) => a.name === b.name));
  if (twice === undefined) return;
  throw new SurmiseError(
    `${what}: it maps axis '${twice.name}' to an axis of the same name; give each layer ` +
      "of units an axis with a name of its own",
  );
}

/** @throws SurmiseError if x lacks an axis. */
export function checkHas(what: string, x: Tensor, axes: readonly Axis[]): void {
  const missing = axes.find((a) => !x.has(a));
  if (missing === undefined) return;
  throw new SurmiseError(
    `${what}: the input has axes ${describeAxes(x.axes)} and lacks '${missing.name}'`,
  );
}

/** @throws SurmiseError, with the right size, unless the result has an element for each window. */
export function checkWindowCount(what: string, windows: Windows): void {
  const { axis: a, window, to, stride, padding } = windows;
  const room = a.size + 2 * padding - window.size;
  const words = describe(windows);
  if (room < 0) throw new SurmiseError(`${what}: there is no room for ${words}`);
  const count = Math.floor(room / stride) + 1;
  if (to.size !== count) {
    throw new SurmiseError(`${what}: ${words} are ${count}, but axis ${to} is of another size`);
  }
}

/** `windows of 3 along row: 28 (stride 2, padding 1)`. */
export function describe({ axis: a, window, stride, padding }: Windows): string {
  return `windows of ${window.size} along ${a} (stride ${stride}, padding ${padding})`;
}

/** Values along an axis of `size` elements, from `start` on, a stride from one to the next, and 0 between them. */
function setApart(x: Tensor, a: Axis, size: number, stride: number, start: number) {
  const to = axis(`${a.name} (padded)`, size);
  const position = index(a).mul(stride).add(start);
  return { to, values: make({ op: "scatterAdd", axis: to, over: [a] }, [x, position]) };
}

/** The elements of each window, over `to` and `window` in the place of the axis. */
export function windowsOf(x: Tensor, windows: readonly Windows[]): Tensor {
  let source = x;
  const padded = windows.map(({ axis: a, padding }) => {
    if (padding === 0) return a;
    const { to, values } = setApart(source, a, a.size + 2 * padding, 1, padding);
    source = values;
    return to;
  });
  return windows.reduce(
    (y, { window, to, stride }, i) =>
      gatherClamped(y, padded[i], index(to).mul(stride).add(index(window))),
    source,
  );
}

/** The elements that reach each element of `to` where windows lay them there, over `to` and `window`: transposed windows. */
export function windowsBackOf(x: Tensor, windows: readonly Windows[]): Tensor {
  let source = x;
  const padded = windows.map(({ axis: a, window, to: result, stride, padding }) => {
    const size = result.size + window.size - 1;
    const { to, values } = setApart(source, a, size, stride, window.size - 1 - padding);
    source = values;
    return to;
  });
  return windows.reduce(
    (y, { window, to }, i) =>
      gatherClamped(
        y,
        padded[i],
        index(to)
          .sub(index(window))
          .add(window.size - 1),
      ),
    source,
  );
}
