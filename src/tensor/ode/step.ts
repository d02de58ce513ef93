/** One step of a differential equation: what it makes of state and sensitivities, and how large its error is. */
import type { Axis } from "../axis.ts";
import { abs, maximum, minimum, select, sqrt, square, sum } from "../math.ts";
import { carry, substitute } from "../scan/loop.ts";
import type { Tensor } from "../tensor.ts";
import { grad } from "../transforms/grad.ts";
import { refuseMixing, refuseOthers } from "./checks.ts";
import type { Method } from "./method.ts";

/** dy/dt, component by component, at y, t and parameters. */
type ParameterRates = (
  y: readonly Tensor[],
  t: Tensor,
  parameters: readonly Tensor[],
) => readonly Tensor[];

/** What a step is made for. */
interface StepSpec {
  /** The components of the state, for messages. */
  readonly names: readonly string[];
  /** How many parameters there are. */
  readonly parameters: number;
  /** The axes of the state. */
  readonly axes: readonly Axis[];
  readonly rates: ParameterRates;
  readonly method: Method;
  /** The error of a step may be as large as absolute + relative |y|. */
  readonly relative: number;
  readonly absolute: number;
  /** By which of the initial values and, behind them, the parameters there are derivatives. */
  readonly open: readonly number[];
}

/** A step from known values. */
export interface Taken {
  /** The root mean square of the errors in units of what they may be. */
  readonly size: Tensor;
  /** The state after it. */
  readonly next: readonly Tensor[];
  /** Of each component the derivative in each direction after it. */
  readonly slopes: readonly (readonly Tensor[])[];
}

/** A differential equation with a method, by its steps. */
export interface OdeStep extends Pick<StepSpec, "open" | "rates"> {
  /** The error of a step falls as its length to this power. */
  readonly order: number;
  /** A step of length `h` from `t`, of state and of its derivatives in each direction. */
  take(
    state: readonly Tensor[],
    slopes: readonly (readonly Tensor[])[],
    parameters: readonly Tensor[],
    t: Tensor,
    h: Tensor,
  ): Taken;
  /** A first step after which the state has changed by a hundredth (Hairer, Norsett and Wanner 1993, section II.4). */
  firstStep(state: readonly Tensor[], parameters: readonly Tensor[], t: Tensor): Tensor;
}

/**
 * Everything about a step is made once, of leaves over all axes: so the derivatives of its elements are those of the same
 * elements, and then values take the places of the leaves.
 *
 * @throws SurmiseError if the rates use other tensors, or an element of theirs depends on other elements of the state.
 */
export function stepOf(spec: StepSpec): OdeStep {
  const { names, parameters, axes, method, relative, absolute, open } = spec;
  const leaves = (count: number) => Array.from({ length: count }, () => carry(axes, "float64"));
  const [y, theta, [t, h]] = [leaves(names.length), leaves(parameters), leaves(2)];
  const rates = (state: readonly Tensor[], at: Tensor) => spec.rates(state, at, theta);
  const speeds = rates(y, t);
  refuseOthers(names, speeds, [...y, ...theta, t], axes);
  refuseMixing(names, speeds, [...y, ...theta, t]);
  const { next, error } = method.step(rates, y, t, h);
  const direct = open.filter((i) => i >= names.length).map((i) => theta[i - names.length]);
  const byLeaf = next.map((value) => grad(sum(value), [...y, ...direct]));
  const scale = (a: Tensor, b: Tensor) => maximum(abs(a), abs(b)).mul(relative).add(absolute);
  const size = rootMeanSquare(error.map((e, k) => e.div(scale(y[k], next[k]))));
  const [extent, speed] = [y, speeds].map((each) =>
    rootMeanSquare(each.map((x, k) => x.div(scale(y[k], y[k])))),
  );
  const isSmall = minimum(extent, speed).lt(1e-5);
  const first = select(isSmall, 1e-6, extent.div(select(isSmall, 1, speed)).mul(0.01));

  const put = (
    state: readonly Tensor[],
    parameters: readonly Tensor[],
    at: Tensor,
    length: Tensor,
  ) =>
    new Map([
      ...y.map((x, k) => [x, state[k]] as const),
      ...theta.map((x, i) => [x, parameters[i]] as const),
      [t, at] as const,
      [h, length] as const,
    ]);
  return {
    open,
    rates: spec.rates,
    order: method.order,
    firstStep: (state, parameters, at) => substitute([first], put(state, parameters, at, at))[0],
    take(state, slopes, parameters, at, length) {
      const all = substitute([size, ...next, ...byLeaf.flat()], put(state, parameters, at, length));
      const after = all.slice(1, 1 + names.length);
      const width = names.length + direct.length;
      const moved = names.map((_, k) => {
        const row = all.slice(1 + names.length + k * width).slice(0, width);
        return open.map((i, d) => {
          const carried = names.map((_, j) => row[j].mul(slopes[j][d]));
          const own =
            i < names.length ? [] : [row[names.length + direct.indexOf(theta[i - names.length])]];
          return [...carried, ...own].reduce((a, b) => a.add(b));
        });
      });
      return { size: all[0], next: after, slopes: moved };
    },
  };
}

function rootMeanSquare(xs: readonly Tensor[]): Tensor {
  return sqrt(
    xs
      .map(square)
      .reduce((a, b) => a.add(b))
      .mul(1 / xs.length),
  );
}
