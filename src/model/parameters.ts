import { acceptsDtype, type Distribution } from "../distributions/internal.ts";
import {
  type Axis,
  type DType,
  describeAxes,
  input,
  type Key,
  SurmiseError,
  sameAxes,
  type Tensor,
  withoutAxes,
} from "../tensor/internal.ts";

/** How a parameter starts: an expression for its value over `axes`, to be run once. */
export type Initialiser = (key: Key, axes: readonly Axis[], dtype: DType) => Tensor;

/** What a model says about a parameter. */
export interface ParamOptions {
  /** The initial value, such as `zeros` or `normalInit(0.1)`. */
  readonly init: Initialiser;
  /**
   * How far it may have to go, positive, to be run once: the rate of the optimiser is in these units. It may
   * lack axes along which it is constant; 1 unless given.
   */
  readonly learningRateScale?: Tensor;
  /** Its log density is added to the bound once, unscaled (MAP estimation, weight decay). */
  readonly prior?: Distribution;
  /** float32 unless given. */
  readonly dtype?: DType;
  /** Set where it is the expectation of a statistic (`momentGuide`), which plain steps move towards estimates of it. */
  readonly isMoment?: true;
}

/** A parameter: `value` is an input of the program, named `name`, stored row-major over `axes`. */
export interface Param {
  /** The name of the site, and of the input. */
  readonly name: string;
  /** The axes it varies over, in the order of storage. */
  readonly axes: readonly Axis[];
  /** The type of its value. */
  readonly dtype: DType;
  /** The initial value. */
  readonly init: Initialiser;
  /**
   * What the learning rate is multiplied by, elementwise (a diagonal preconditioner); 1 unless
   * given.
   */
  readonly learningRateScale: Tensor | undefined;
  /**
   * The distribution whose log density is added to the bound, for MAP estimates; none unless given.
   */
  readonly prior: Distribution | undefined;
  /** Whether it is the expectation of a statistic. */
  readonly isMoment: boolean;
  /** The input that holds the current value. */
  readonly value: Tensor;
}

/**
 * The parameters of a model and its guide. A name stands for one parameter: every trace that is made
 * with this store gets the same input node for it, so that derivatives find all its uses.
 */
export interface ParamStore {
  /** Parameters in the order in which they were first met. */
  list(): readonly Param[];
  /**
   * The parameter called `name`, made at its first mention. A later mention may add a prior.
   *
   * @throws SurmiseError if it is known with other axes or another type, or its prior has axes or a
   * type that it has not.
   */
  declare(name: string, axes: readonly Axis[], options: ParamOptions): Param;
}

/**
 * A new, empty store.
 *
 * @throws SurmiseError, later, naming the parameter, where two of one name differ in axes or type, or a prior does
 * not fit its parameter.
 */
export function paramStore(): ParamStore {
  const known = new Map<string, Param>();
  return {
    list: () => [...known.values()],
    declare(name, axes, { init, learningRateScale, prior, dtype = "float32", isMoment = false }) {
      const earlier = known.get(name);
      if (earlier !== undefined) checkSame(earlier, axes, dtype);
      if (prior !== undefined) checkPrior(name, axes, dtype, prior);
      const value = earlier?.value ?? input(name, axes, dtype);
      const param: Param = {
        name,
        axes: earlier?.axes ?? axes,
        dtype,
        init: earlier?.init ?? init,
        learningRateScale: earlier?.learningRateScale ?? learningRateScale,
        prior: earlier?.prior ?? prior,
        isMoment: earlier?.isMoment ?? isMoment,
        value,
      };
      known.set(name, param);
      return param;
    },
  };
}

function checkSame(earlier: Param, axes: readonly Axis[], dtype: DType): void {
  if (!sameAxes(earlier.axes, axes)) {
    throw new SurmiseError(
      `param '${earlier.name}' has axes ${describeAxes(axes)} here and ` +
        `${describeAxes(earlier.axes)} elsewhere: one name is one parameter, so rename one of ` +
        "them or use the same axis objects",
    );
  }
  if (earlier.dtype !== dtype) {
    throw new SurmiseError(
      `param '${earlier.name}' is ${dtype} here and ${earlier.dtype} elsewhere: one name is one ` +
        "parameter",
    );
  }
}

function checkPrior(name: string, axes: readonly Axis[], dtype: DType, prior: Distribution): void {
  const of = [...prior.axes, ...prior.eventAxes];
  if (withoutAxes(of, axes).length > 0) {
    throw new SurmiseError(
      `param '${name}' has axes ${describeAxes(axes)}, its prior has ${describeAxes(of)}: a prior ` +
        "may only vary over axes of its param",
    );
  }
  if (!acceptsDtype(prior, dtype)) {
    throw new SurmiseError(
      `param '${name}' is ${dtype}, but draws of its prior, a ${prior.name}, are ${prior.dtype}`,
    );
  }
}
