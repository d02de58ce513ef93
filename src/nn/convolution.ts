/** Convolutions along any number of axes. */
import type { Distribution } from "../distributions/index.ts";
import type { Initialiser, Sites } from "../model/index.ts";
import {
  AXIS,
  type Axis,
  checkArguments,
  FUNCTION,
  listOf,
  NUMBER,
  OBJECT,
  optional,
  optionsWith,
  SurmiseError,
  sum,
  TEXT,
  type Tensor,
} from "../tensor/internal.ts";
import { xavierUniform, zeros } from "./initialisers.ts";
import {
  checkHas,
  checkOtherNames,
  checkWindowCount,
  checkWindows,
  describe,
  type Windows,
  type WindowsAlong,
  windowsBackOf,
  windowsOf,
} from "./windows.ts";

/** How a convolution goes, and how its parameters start. */
export interface ConvolutionOptions {
  /** The axis of x that the weights combine, such as channels. */
  readonly from: Axis;
  /** The axis of the result in its place. */
  readonly to: Axis;
  /** An entry for each axis that the windows move along: one of a series, two of images. */
  readonly along: readonly WindowsAlong[];
  /** xavierUniform of the numbers that reach an element, and that one reaches, unless given. */
  readonly weights?: Initialiser;
  /** zeros unless given. */
  readonly bias?: Initialiser;
  /** A prior on every weight and bias. */
  readonly prior?: Distribution;
}

const OPTIONS = optionsWith<ConvolutionOptions>({
  from: AXIS,
  to: AXIS,
  along: listOf(
    optionsWith<WindowsAlong>({
      axis: AXIS,
      window: AXIS,
      to: AXIS,
      stride: optional(NUMBER),
      padding: optional(NUMBER),
    }),
  ),
  weights: optional(FUNCTION),
  bias: optional(FUNCTION),
  prior: optional(OBJECT),
});

/**
 * A convolution, in the sense of networks: y = sum over `from` and the windows of x W + b, where the window of element o of
 * `to` begins at o stride - padding of the axis. The parameters are `NAME.weight` over [to, windows, from] and `NAME.bias`
 * over [to]. The result has the axes `to` in the place of `from` and of those that windows move along, and all others of x.
 *
 * @throws SurmiseError if an axis of the result is not of the size (axis + 2 padding - window) / stride + 1, rounded down,
 * or (when applied) x lacks an axis.
 *
 * @example
 * const layer = convolution(param, "edges", { from: colour, to: edge, along: [
 *   { axis: row, window: windowRow, to: edgeRow, padding: 1 },
 *   { axis: column, window: windowColumn, to: edgeColumn, padding: 1 },
 * ] });
 */
export function convolution(
  param: Sites["param"],
  name: string,
  options: ConvolutionOptions,
): (x: Tensor) => Tensor {
  const { windows, apply } = prepared("convolution", param, name, options);
  for (const each of windows) checkWindowCount(`convolution '${name}'`, each);
  return apply((x) => windowsOf(x, windows));
}

/**
 * The transpose of a convolution, which makes series and images larger: element r of the axis, times the weights, is added
 * to y at the places of the window that begins at r stride - padding of `to`. The parameters are `NAME.weight` over [to,
 * windows, from] and `NAME.bias` over [to].
 *
 * @throws SurmiseError if an axis of the result has not from (axis - 1) stride + window - 2 padding elements to stride - 1
 * more, or (when applied) x lacks an axis.
 */
export function transposedConvolution(
  param: Sites["param"],
  name: string,
  options: ConvolutionOptions,
): (x: Tensor) => Tensor {
  const { windows, apply } = prepared("transposedConvolution", param, name, options);
  const what = `transposedConvolution '${name}'`;
  for (const each of windows) {
    const { axis: a, window, to, stride, padding } = each;
    const least = (a.size - 1) * stride + window.size - 2 * padding;
    if (to.size >= least && to.size < least + stride) continue;
    const sizes = stride === 1 ? `${least}` : `${least} to ${least + stride - 1}`;
    throw new SurmiseError(
      `${what}: transposed ${describe(each)} reach ${sizes} elements, but axis ${to} is of another size`,
    );
  }
  return apply((x) => windowsBackOf(x, windows));
}

function prepared(
  word: string,
  param: Sites["param"],
  name: string,
  options: ConvolutionOptions,
): {
  readonly windows: readonly Windows[];
  readonly apply: (elements: (x: Tensor) => Tensor) => (x: Tensor) => Tensor;
} {
  checkArguments(word, { param }, FUNCTION);
  checkArguments(word, { name }, TEXT);
  checkArguments(word, { options }, OPTIONS);
  const { from, to, along, prior } = options;
  const what = `${word} '${name}'`;
  checkOtherNames(what, [from], [to]);
  const windows = along.map((each) => checkWindows(what, each));
  const places = windows.map(({ window }) => window);
  const fans = [
    [from, ...places],
    [to, ...places],
  ] as const;
  const { weights = xavierUniform(...fans), bias = zeros } = options;
  const shared = prior === undefined ? {} : { prior };
  const weight = param(`${name}.weight`, [to, ...places, from], { init: weights, ...shared });
  const offset = param(`${name}.bias`, [to], { init: bias, ...shared });
  const apply = (elements: (x: Tensor) => Tensor) => (x: Tensor) => {
    checkHas(what, x, [from, ...windows.map((each) => each.axis)]);
    return sum(elements(x).mul(weight), ...places, from).add(offset);
  };
  return { windows, apply };
}
