/** Ordinary differential equations with adaptive steps, and the derivatives of their solutions. */

import {
  ANYTHING,
  AXIS,
  checkArguments,
  FUNCTION,
  OBJECT,
  optionsWith,
  TENSOR,
} from "../arguments/kinds.ts";
import { realNumber, shown, wholeNumber } from "../arguments/numbers.ts";
import { type Axis, unionAxes, withoutAxes } from "../axis.ts";
import { type DType, isFloat } from "../dtype.ts";
import { SurmiseError, TypesDiffer } from "../errors.ts";
import { bodyOf } from "../scan/loop.ts";
import { withDerivatives } from "../special/withDerivatives.ts";
import { cast, constant, nodesOf, type Operand, Tensor } from "../tensor.ts";
import { checkRates, checkTimes, isKnown } from "./checks.ts";
import { dormandPrince } from "./dormandPrince.ts";
import { integrate } from "./integrate.ts";
import type { Method } from "./method.ts";
import { rosenbrock } from "./rosenbrock.ts";
import { stepOf } from "./step.ts";

const METHODS = { dormandPrince, rosenbrock } as const satisfies Readonly<Record<string, Method>>;

/** Numbers or tensors by name. */
type Given<Name extends string> = Readonly<Record<Name, Operand>>;
/** Tensors by name. */
type Known<Name extends string> = Readonly<Record<Name, Tensor>>;

/** What an initial value problem needs beside its rates. */
export interface OdeOptions<State extends string, Parameter extends string> {
  /** The value of each component of the state at the time `from`. */
  readonly initial: Given<State>;
  /** When the state is `initial`: known; 0 unless given. */
  readonly from?: Operand;
  /** When the state is asked for, over `along` and perhaps others: increasing, none before `from`. */
  readonly times: Tensor;
  /** The axis of the times. */
  readonly along: Axis;
  /** All that the rates are made of beside the state and the time, in float64 inside; may vary over any axes but `along`. */
  readonly parameters?: Given<Parameter>;
  /**
   * `dormandPrince` (order 5, explicit) unless given; `rosenbrock` (RODAS of order 4, implicit) for stiff problems, in
   * which some of what happens is much faster than what is asked for.
   */
  readonly method?: keyof typeof METHODS;
  /** The error of a step in parts of the state, 1e-6 unless given. */
  readonly relative?: number;
  /** The error of a step in units of the state, 1e-6 unless given. */
  readonly absolute?: number;
  /** The most steps from one time to the next, 1e6 unless given. */
  readonly maxSteps?: number;
}

/**
 * The solution of dy/dt = rates(y, t, parameters) at given times, each component by its name, over the axes of all that it
 * is made of. It is computed in float64, whatever the type of what is given, one element of the axes as well as many: steps are
 * chosen for each element, such that the estimated error of a step, in units of absolute + relative |y|, has a root mean square
 * over the components of at most 1. Where the steps run out, or no step is short enough, it is NaN.
 *
 * The derivatives by initial values and parameters are those of the steps that were made (internal numerical
 * differentiation: Bock 1981), carried forward with the state, and as exact as the solution; derivatives of second order are
 * zero. With n components and p unknown numbers a step costs about 3 n times as much as without. Each component is a name,
 * so this is for systems of a few components: a dozen for `dormandPrince`, half of it for `rosenbrock`.
 *
 * @throws SurmiseError if the rates have other names than the initial state, mix elements of an axis, are of another type, or
 * are made of tensors from outside, which are no parameters;
 * if known times do not increase; or a tolerance is not positive.
 *
 * @example
 * const { prey, predator } = solveOde(
 *   ({ prey, predator }, _, { birth, death }) => ({
 *     prey: prey.mul(birth.sub(predator)),
 *     predator: predator.mul(prey.sub(death)),
 *   }),
 *   { initial: { prey: 2, predator: 1 }, parameters: { birth, death }, times, along: time },
 * );
 */
export function solveOde<State extends string, Parameter extends string = never>(
  rates: (state: Known<State>, t: Tensor, parameters: Known<Parameter>) => Known<State>,
  options: OdeOptions<State, Parameter>,
): Known<State> {
  checkArguments("solveOde", { rates }, FUNCTION);
  checkArguments(
    "solveOde",
    { options },
    optionsWith<OdeOptions<State, Parameter>>({
      initial: OBJECT,
      times: TENSOR,
      along: AXIS,
      from: ANYTHING,
      parameters: ANYTHING,
      method: ANYTHING,
      relative: ANYTHING,
      absolute: ANYTHING,
      maxSteps: ANYTHING,
    }),
  );
  const { initial, times, along, from = 0, parameters = {} as Given<Parameter> } = options;
  const { relative = 1e-6, absolute = 1e-6, maxSteps = 1e6, method = "dormandPrince" } = options;
  if (!Object.hasOwn(METHODS, method)) {
    throw new SurmiseError(
      `solveOde: there is no method ${shown(method)}; use one of ${Object.keys(METHODS).join(", ")}`,
    );
  }
  realNumber("solveOde: relative", relative, { above: 0 });
  realNumber("solveOde: absolute", absolute, { above: 0 });
  wholeNumber("solveOde: maxSteps", maxSteps, { least: 1, most: 2 ** 31 - 1 });
  checkTimes(times, along, from);
  const names = Object.keys(initial) as State[];
  const parameterNames = Object.keys(parameters) as Parameter[];
  const given = [...names.map((n) => initial[n]), ...parameterNames.map((n) => parameters[n])];
  given.forEach((x, i) => {
    if (x instanceof Tensor && x.has(along)) {
      const name = [...names, ...parameterNames][i];
      throw new SurmiseError(
        `solveOde: '${name}' varies over '${along.name}', the axis of the times`,
      );
    }
  });
  const wide = given.map(inFloat64);
  const start = inFloat64(from);
  const ends = inFloat64(times);
  const over = unionAxes(...wide.map((x) => x.axes), start.axes, withoutAxes(ends.axes, [along]));

  const problem = stepOf({
    parameters: parameterNames.length,
    axes: over,
    method: METHODS[method],
    relative,
    absolute,
    open: wide.flatMap((x, i) => (isKnown(x) ? [] : [i])),
    rates(state, at, by) {
      const found = ofRates(() => rates(record(names, state), at, record(parameterNames, by)));
      checkRates(names, found);
      return names.map((name) => inFloat64(found[name]));
    },
    names,
  });
  const [initialState, theta] = [wide.slice(0, names.length), wide.slice(names.length)];
  const { values, slopes } = integrate(problem, initialState, theta, {
    start,
    ends,
    along,
    maxSteps,
  });

  const type = typeOf([...given, times]);
  const there = isKnown(times) ? undefined : problem.rates(values, ends, theta);
  return record(
    names,
    values.map((value, k) => {
      const pairs = problem.open.map((i, d) => [given[i] as Tensor, slopes[k][d]] as const);
      const all = there === undefined ? pairs : [...pairs, [times, there[k]] as const];
      return withDerivatives(
        cast(value, type),
        all.map(([x, slope]) => [cast(x, type), cast(slope, type)] as const),
      );
    }),
  );
}

/** Whether `x` is the solution of a differential equation at its times. */
export function isSolution({ operation }: Tensor): boolean {
  if (operation.op !== "scan" || operation.last !== undefined) return false;
  return nodesOf(bodyOf(operation).loop.next).some(
    (x) => x.operation.op === "scan" && bodyOf(x.operation).loop.until !== undefined,
  );
}

/**
 * What `rates` makes.
 *
 * @throws SurmiseError that says that it is from the rates, and of types that differ how tensors from outside come there.
 */
function ofRates<T>(rates: () => T): T {
  try {
    return rates();
  } catch (error) {
    if (!(error instanceof SurmiseError)) throw error;
    const hint =
      error instanceof TypesDiffer
        ? "; tensors from outside are given as parameters, which are float64 inside"
        : "";
    throw new SurmiseError(`solveOde: in the rates, ${error.message}${hint}`);
  }
}

function record<Name extends string>(names: readonly Name[], xs: readonly Tensor[]): Known<Name> {
  return Object.fromEntries(names.map((name, i) => [name, xs[i]])) as Known<Name>;
}

function inFloat64(x: Operand): Tensor {
  return typeof x === "number" ? constant(x, "float64") : cast(x, "float64");
}

/** The type of the first tensor of real numbers. */
function typeOf(xs: readonly Operand[]): DType {
  return xs.find((x): x is Tensor => x instanceof Tensor && isFloat(x.dtype))?.dtype ?? "float32";
}
