import {
  type Axis,
  type DType,
  type Key,
  kindOf,
  type Operand,
  type Tensor,
} from "../tensor/internal.ts";
import type { Support } from "./support/support.ts";

/**
 * A family of probability distributions p(x | parameters), one member for each element of `axes`.
 *
 * An *event axis* belongs to one draw: x = (x_1, ..., x_n) along it, and the log densities of its
 * elements add up to the one log density of the draw. Where the parameters lack an event axis the
 * elements along it are independent and identically distributed. A *dimension* is an event axis
 * whose elements depend on one another by the nature of the family, such as the parts of a simplex.
 */
export interface Distribution {
  /** What messages call it. */
  readonly [Symbol.toStringTag]?: string;
  /** The family, such as `normal`: the word in messages and the key of closed forms. */
  readonly name: string;
  /** The parameters by name. They may vary over `axes` and `eventAxes`. */
  readonly parameters: Readonly<Record<string, Tensor>>;
  /**
   * Where each parameter may lie: with a bijection, parameters can be functions of real numbers.
   */
  readonly constraints: Readonly<Record<string, Support>>;
  /** The axes along which there is one distribution per element: the parameters' without events. */
  readonly axes: readonly Axis[];
  /** The dimensions, then the axes added by `event`. */
  readonly eventAxes: readonly Axis[];
  /** Event axes whose elements depend on one another: the parts of a simplex, the rows of a matrix. */
  readonly dimensions: readonly Axis[];
  /** The type of draws. */
  readonly dtype: DType;
  /** Where the density of a draw is positive. */
  readonly support: Support;
  /** 1 where values count, uint8, if they do not everywhere (`masked`). */
  readonly mask?: Tensor;
  /** Whether a draw is a differentiable function of the parameters, x = g(noise, parameters). */
  readonly reparameterised: boolean;

  /**
   * log p(value | parameters), natural logarithm, the sum over the event axes of the log densities
   * of the elements; -Infinity outside the support. Axes: those of `value` and of the parameters,
   * without event axes.
   *
   * @throws SurmiseError if `value` lacks an event axis or has a type that draws cannot have.
   */
  logProb(value: Tensor): Tensor;

  /**
   * Of counts: log p(value | value > 0) of single values above 0, right also where nearly all draws are 0. Undefined of
   * families that know no better than log p(value) - log(1 - p(0)).
   */
  logProbOfSome?(value: Tensor): Tensor;

  /**
   * As `logProb`, in value the same, for a draw of a family that knows how its draws were made: its derivatives, once those by
   * inputs are stopped, are those by the value and by other draws, the parameters held constant. Undefined of other
   * values. Families without it have these derivatives in `logProb`.
   */
  pathLogProb?(draw: Tensor): Tensor | undefined;
  /** Set where one draw is for all elements of its plates together, so that its density belongs outside of them. */
  readonly acrossPlates?: true;

  /**
   * Independent draws x ~ p(x | parameters), one for each element over `axes`, together with those
   * axes of the parameters and event axes that it does not list. The draw at an element is a
   * function of the key and of the element's number, row-major over the axes in this order.
   */
  sample(key: Key, axes: readonly Axis[]): Tensor;

  /**
   * E[x] for each element; lacks axes along which it is constant. Infinity where it diverges, NaN
   * where the parameters leave it undefined.
   *
   * @throws SurmiseError if the family has no mean.
   */
  mean(): Tensor;
  /** E[(x - E[x])^2] for each element, as `mean`. */
  variance(): Tensor;

  /**
   * P(x <= value) of each element.
   *
   * @throws SurmiseError if the family has no such expression, or as `logProb`.
   */
  cdf(value: Tensor): Tensor;

  /**
   * log P(x <= value) of each element, in nats: for what is censored from above, and right where the probability
   * itself is too small for a number. Its derivatives are those of the parameters and of `value`.
   *
   * @throws SurmiseError as `cdf`.
   */
  logCdf(value: Tensor): Tensor;

  /**
   * log P(x > value) of each element, in nats, as `logCdf`: the log of the survival function (the complementary
   * distribution function).
   *
   * @throws SurmiseError as `cdf`.
   */
  logSurvival(value: Tensor): Tensor;

  /**
   * -E[log p(x)] in nats, summed over the event axes, or undefined where the family has no closed
   * form. For a continuous x it is the differential entropy.
   */
  entropy(): Tensor | undefined;

  /**
   * The location, and the scale if it has one, of the family in the unconstrained space of its support, for each
   * element: x = map(location + scale * noise). Only of families that are made of them.
   */
  locationScale?(): LocationScale;
  /** The distribution given that values lie between bounds, of a family that knows better than by probabilities. */
  between?(bounds: Bounds): Distribution;
  /** KL(q || p) in closed form, of all distributions that share the form. */
  readonly divergence?: Divergence;
  /** Of a mixture whose draws come from one component each, what it is made of. */
  readonly components?: Components;
  /** Set where the density has no finite integral: it can be a prior, but gives no evidence. */
  readonly improper?: true;
  /** Set where the log density is the same whatever the value, so that nothing is drawn or predicted (`factor`). */
  readonly valueless?: true;
  /** Of those with known expectations of statistics: which exponential family it belongs to. */
  readonly exponentialFamily?: ExponentialFamily;
  /** Of a normal vector that is given by the factor of its covariance: x = location + factor noise. */
  linearNoise?(): LinearNoise;
  /** Of values that are seen with censoring: 1 where one is known by its ends only, uint8. */
  partlySeen?(value: Tensor): Tensor | undefined;
  /** Of an exponential family that is given by the expectations of its statistics (`withMoments`). */
  readonly moments?: readonly Moment[];

  /** The same distribution with `axes` added to the event axes. */
  event(...axes: readonly Axis[]): Distribution;

  /**
   * The same distribution made of `f(x)` in the place of each tensor x that it is made of, where `f` puts some
   * tensors in the place of others and keeps their types, such as `substitute`. What `logProb` is given it leaves
   * alone.
   *
   * @throws SurmiseError if a parameter becomes a known number outside its set.
   */
  map(f: (x: Tensor) => Tensor): Distribution;
}

/** From `lower` to `upper`, both included; one that is left out is infinite. */
export interface Bounds {
  /** The lower end, less than the upper one. */
  readonly lower?: Operand;
  /** The upper end. */
  readonly upper?: Operand;
}

/** A statistic of draws and its expectation, which is a parameter. */
export interface Moment {
  /** E[T(x)]: float64, over axes of the distribution, its event axes, and axes of the statistic itself. */
  readonly expectation: Tensor;
  /** T(x) of a draw, as float64, over the axes of the draw and of the expectation. */
  statistic(draw: Tensor): Tensor;
}

/** What an argument that is a distribution must be. */
export const DISTRIBUTION = kindOf(
  "a distribution, such as normal(0, 1)",
  (x) => typeof (x as Distribution | undefined | null)?.logProb === "function",
);

/** Parameters by name. */
export type Named = Readonly<Record<string, Tensor>>;

/** Where a family lies in unconstrained space, and how wide it is. */
export interface LocationScale {
  /** For each element, over axes of the parameters. */
  readonly location: Tensor;
  /** Positive; not of families that have a location only. */
  readonly scale?: Tensor;
}

/** The exponential families of continuous values, but for the normal, whose statistics are averaged (`momentGuide`). */
export type ExponentialFamily = "gamma" | "beta" | "dirichlet";

/** A vector along its dimension as a linear map of independent standard normals. */
export interface LinearNoise {
  /** The mean, over the axes of the distribution and its dimension. */
  readonly location: Tensor;
  /** Lower triangular, over the dimension and `column`; what is above the diagonal is not read. */
  readonly factor: Tensor;
  /** The axis of the noise, of the size of the dimension. */
  readonly column: Axis;
}

/** What a mixture is made of: sum_k w_k p_k. */
export interface Components {
  /** The axis of k. */
  readonly axis: Axis;
  /** log w_k over it, normalised; it may vary over the axes of the mixture. */
  readonly logWeights: Tensor;
  /** p_k, over the axis among its axes. */
  readonly distribution: Distribution;
}

/** KL(q || p) in nats for each element, or undefined where these two members have none. */
export type ClosedForm = (q: Distribution, p: Distribution) => Tensor | undefined;

/** How divergences of a distribution are known. */
export interface Divergence {
  /** Distributions have a closed form between them if theirs is the same function. */
  readonly form: ClosedForm;
  /** The parameters by which the form knows a distribution, if they are not its own. */
  readonly parameters?: Named;
}
