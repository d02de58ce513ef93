/** The kernels of Gaussian processes (Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, chapter 4). */
import {
  AXIS,
  type Axis,
  checkArguments,
  constant,
  cos,
  exp,
  log,
  OPERAND,
  type Operand,
  optional,
  optionsWith,
  SurmiseError,
  select,
  shown,
  sin,
  sqrt,
  square,
  sum,
  type Tensor,
} from "../../tensor/internal.ts";
import { checkParameter } from "../parameters.ts";
import { POSITIVE, REAL, type Support } from "../support/support.ts";
import { Kernel } from "./kernel.ts";

/** The parameters of a stationary kernel. */
export interface Stationary {
  /** The standard deviation of the process at each place; 1 unless given. */
  readonly scale?: Operand;
  /** How far apart places are that differ by much, in units of the inputs; over `over`, if it is one for each input column. */
  readonly lengthscale: Operand;
  /** The axis of the input columns, if there are several. */
  readonly over?: Axis;
}

/** What the entries of `Stationary` must be. */
const STATIONARY = { scale: optional(OPERAND), lengthscale: OPERAND, over: optional(AXIS) };

const asTensor = (x: Operand): Tensor => (typeof x === "number" ? constant(x) : x);
const along = (x: Tensor, over?: Axis) => (over === undefined ? x : sum(x, over));

function check(kernel: string, given: Readonly<Record<string, Operand | undefined>>, set: Support) {
  for (const [name, x] of Object.entries(given)) {
    if (x !== undefined) checkParameter(`${kernel}: ${name}`, x, set);
  }
}

/** |(x - x') / lengthscale|^2. */
function squaredDistance(x: Tensor, other: Tensor, { lengthscale, over }: Stationary): Tensor {
  return along(square(x.sub(other).div(lengthscale)), over);
}

/** A kernel scale^2 c(r^2) of the distance r in lengthscales, with the spectral density of c at squared frequencies in units of 1 / lengthscale. */
function stationary(
  name: string,
  given: Stationary,
  correlation: (squares: Tensor) => Tensor,
  density: (squares: Tensor, columns: number) => Tensor,
): Kernel {
  const { scale = 1, lengthscale, over } = given;
  check(name, { scale, lengthscale }, POSITIVE);
  const variance = typeof scale === "number" ? scale * scale : square(scale);
  return new Kernel({
    name,
    over,
    between: (x, other) => correlation(squaredDistance(x, other, given)).mul(variance),
    variance: () => variance,
    spectralDensity: (frequency, columns) => {
      const length = asTensor(lengthscale);
      const logLength = log(length);
      const volume =
        over !== undefined && length.has(over) ? sum(logLength, over) : logLength.mul(columns);
      const squares = along(square(frequency.mul(length)), over);
      return density(squares, columns).mul(exp(volume)).mul(variance);
    },
  });
}

/**
 * The squared exponential kernel (radial basis functions, Gaussian kernel), whose processes are smooth:
 * k(x, x') = scale^2 exp(-r^2 / 2), r^2 = sum over the input columns of ((x - x') / lengthscale)^2.
 *
 * @throws SurmiseError unless known parameters are positive.
 *
 * @example squaredExponential({ scale: sample("scale", halfNormal(1)), lengthscale: 2 })
 */
export function squaredExponential(given: Stationary): Kernel {
  checkArguments("squaredExponential", { given }, optionsWith<Stationary>(STATIONARY));
  return stationary(
    "squaredExponential",
    given,
    (squares) => exp(squares.mul(-0.5)),
    (squares, columns) => exp(squares.mul(-0.5)).mul((2 * Math.PI) ** (columns / 2)),
  );
}

/** For each order nu, the correlation at sqrt(2 nu) r as a polynomial before the exponential. */
const MATERN: ReadonlyMap<number, (r: Tensor) => Tensor> = new Map([
  [1 / 2, (r: Tensor) => constant(1, r.dtype)],
  [3 / 2, (r: Tensor) => r.add(1)],
  [5 / 2, (r: Tensor) => r.add(1).add(square(r).mul(1 / 3))],
]);

/**
 * The Matern kernel of order 1/2, 3/2 or 5/2, whose processes have 0, 1 or 2 derivatives: with
 * r^2 = sum over the input columns of ((x - x') / lengthscale)^2 and d = sqrt(2 order) r it is scale^2 times exp(-d),
 * (1 + d) exp(-d) or (1 + d + d^2 / 3) exp(-d).
 *
 * @throws SurmiseError for another order, and unless known parameters are positive.
 *
 * @example matern(3 / 2, { lengthscale: 2 })
 */
export function matern(order: number, given: Stationary): Kernel {
  checkArguments("matern", { given }, optionsWith<Stationary>(STATIONARY));
  const polynomial = MATERN.get(order);
  if (polynomial === undefined) {
    throw new SurmiseError(`matern: the order must be 1/2, 3/2 or 5/2, not ${shown(order)}`);
  }
  return stationary(
    `matern ${2 * order}/2`,
    given,
    (squares) => {
      // At the same place the root has no derivative; the kernel has one, by the parameters, and it is 0.
      const isSame = squares.eq(0);
      const d = select(isSame, 0, sqrt(select(isSame, 1, squares))).mul(Math.sqrt(2 * order));
      return polynomial(d).mul(exp(d.neg()));
    },
    (squares, columns) => {
      const power = order + columns / 2;
      const height =
        (2 ** columns * Math.PI ** (columns / 2) * (2 * order) ** order * gammaOfHalves(power)) /
        gammaOfHalves(order);
      return exp(log(squares.add(2 * order)).mul(-power)).mul(height);
    },
  );
}

/** Gamma(x) for x = 1/2, 1, 3/2, ... */
function gammaOfHalves(x: number): number {
  if (x > 1) return (x - 1) * gammaOfHalves(x - 1);
  return x === 1 ? 1 : Math.sqrt(Math.PI);
}

/** The parameters of `periodicKernel`. */
export interface Periodic extends Stationary {
  /** After so much the process is the same again, in units of the inputs; over `over`, if it is one for each input column. */
  readonly period: Operand;
}

/**
 * The periodic kernel (MacKay 1998): k(x, x') = scale^2 exp(-2 sum over the input columns of
 * (sin(pi (x - x') / period) / lengthscale)^2).
 *
 * @throws SurmiseError unless known parameters are positive.
 */
export function periodicKernel(given: Periodic): Kernel {
  checkArguments(
    "periodicKernel",
    { given },
    optionsWith<Periodic>({ ...STATIONARY, period: OPERAND }),
  );
  const { scale = 1, lengthscale, period, over } = given;
  check("periodic", { scale, lengthscale, period }, POSITIVE);
  const variance = typeof scale === "number" ? scale * scale : square(scale);
  const at = (halfPhase: Tensor) =>
    exp(along(square(sin(halfPhase).div(lengthscale)), over).mul(-2)).mul(variance);
  return new Kernel({
    name: "periodic",
    over,
    between: (x, other) => at(x.sub(other).div(period).mul(Math.PI)),
    variance: () => variance,
    ...(over === undefined && {
      // 2 sin^2(phase / 2) = 1 - cos(phase).
      periodic: {
        period,
        at: (phase: Tensor) => exp(cos(phase).sub(1).div(squareOf(lengthscale))).mul(variance),
      },
    }),
  });
}

/** The parameters of `linearKernel`. */
export interface Linear {
  /** The standard deviation of the slope; 1 unless given; over `over`, if it is one for each input column. */
  readonly scale?: Operand;
  /** Where all lines cross, in units of the inputs; 0 unless given. */
  readonly centre?: Operand;
  /** The axis of the input columns, if there are several. */
  readonly over?: Axis;
}

/**
 * The linear kernel, whose processes are straight lines: k(x, x') = sum over the input columns of
 * scale^2 (x - centre) (x' - centre).
 *
 * @throws SurmiseError unless a known scale is positive.
 */
export function linearKernel(given: Linear = {}): Kernel {
  checkArguments(
    "linearKernel",
    { given },
    optionsWith<Linear>({
      scale: optional(OPERAND),
      centre: optional(OPERAND),
      over: optional(AXIS),
    }),
  );
  const { scale = 1, centre = 0, over } = given;
  check("linear", { scale }, POSITIVE);
  check("linear", { centre }, REAL);
  const product = (x: Tensor, other: Tensor) =>
    along(x.sub(centre).mul(scale).mul(other.sub(centre).mul(scale)), over);
  return new Kernel({ name: "linear", over, between: product, variance: (x) => product(x, x) });
}

/**
 * The kernel of a process that is one number everywhere, of the given standard deviation: k(x, x') = scale^2.
 *
 * @throws SurmiseError unless a known scale is positive.
 */
export function constantKernel(scale: Operand): Kernel {
  checkArguments("constantKernel", { scale }, OPERAND);
  check("constantKernel", { scale }, POSITIVE);
  const variance = squareOf(scale);
  return new Kernel({ name: "constant", between: () => variance, variance: () => variance });
}

/**
 * The kernel of noise, independent at each place, of the given standard deviation: k(x, x') = scale^2 where both are
 * one place, else 0, also where two places have the same inputs.
 *
 * @throws SurmiseError unless a known scale is positive.
 */
export function whiteKernel(scale: Operand): Kernel {
  checkArguments("whiteKernel", { scale }, OPERAND);
  check("whiteKernel", { scale }, POSITIVE);
  return new Kernel({
    name: "white",
    between: () => 0,
    variance: () => 0,
    white: () => squareOf(scale),
  });
}

const squareOf = (x: Operand): Operand => (typeof x === "number" ? x * x : square(x));
