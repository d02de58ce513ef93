import {
  AXIS,
  type Axis,
  cast,
  checkArguments,
  constant,
  type DType,
  describeAxes,
  FUNCTION,
  isFloat,
  type Key,
  kindOf,
  listOf,
  log,
  make,
  max,
  OBJECT,
  objectWith,
  optional,
  recordOf,
  SurmiseError,
  select,
  sizeOf,
  stopGradient,
  sum,
  TENSOR,
  TEXT,
  type Tensor,
  unionAxes,
  withoutAxes,
} from "../tensor/internal.ts";
import { checkParameter } from "./parameters.ts";
import { mapSupport, SUPPORT, type Support } from "./support/support.ts";
import {
  guardEnds,
  guardSupport,
  isCertain,
  isDiscrete,
  isOutside,
} from "./support/supportRules.ts";

/**
 * A family of probability distributions p(x | parameters), one member for each element of `axes`.
 *
 * An *event axis* belongs to one draw: x = (x_1, ..., x_n) along it, and the log densities of its
 * elements add up to the one log density of the draw. Where the parameters lack an event axis the
 * elements along it are independent and identically distributed. A *dimension* is an event axis
 * whose elements depend on one another by the nature of the family, such as the parts of a simplex.
 */
export interface Distribution {
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

const SPEC = objectWith({
  name: TEXT,
  parameters: recordOf(TENSOR),
  constraints: recordOf(OBJECT),
  support: SUPPORT,
  logProb: FUNCTION,
  sample: FUNCTION,
  axes: optional(listOf(AXIS)),
  dimensions: optional(listOf(AXIS)),
});

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

/**
 * What a family defines: everything about a single element, or about one draw over the
 * `dimensions`. Event axes are added here, once.
 */
export interface DistributionSpec {
  /** The family, such as `normal`. */
  readonly name: string;
  /** The parameters by name; their axes are those of the family. */
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** The set that each parameter must lie in; those that are left out are not checked. */
  readonly constraints: Readonly<Record<string, Support>>;
  /** The axes of the parameters that the draws have too; all, unless given. */
  readonly axes?: readonly Axis[];
  /** Event axes whose elements depend on one another; none unless given. */
  readonly dimensions?: readonly Axis[];
  /** The type of the first parameter, unless given. */
  readonly dtype?: DType;
  /** Where the density is positive: values outside never reach `logProb`. */
  readonly support: Support;
  /** Whether a draw has derivatives with respect to the parameters (pathwise). */
  readonly reparameterised: boolean;
  /** Whether the parameters are those of other distributions, which see to their constraints. */
  readonly composed?: boolean;
  /** log p of a value that has been cast to `dtype` and lies in the support. */
  logProb(value: Tensor): Tensor;
  /** Of counts, as `Distribution.logProbOfSome`, of values above 0 that have been cast to `dtype`. */
  logProbOfSome?(value: Tensor): Tensor;
  /** One draw for each element over `axes`, which hold all axes of the family. */
  sample(key: Key, axes: readonly Axis[]): Tensor;
  /** E[x] of one element or draw. */
  mean?(): Tensor;
  /** E[(x - E[x])^2] of one element or draw. */
  variance?(): Tensor;
  /** P(x <= value), also of values outside the support. */
  cdf?(value: Tensor): Tensor;
  /** log P(x <= value) of values inside the ends of the support; log of `cdf` unless given. */
  logCdf?(value: Tensor): Tensor;
  /** log P(x > value) of values inside the ends of the support; log of 1 - `cdf` unless given. */
  logSurvival?(value: Tensor): Tensor;
  /** The entropy of one element or draw. */
  entropy?(): Tensor;
  /** In the unconstrained space of the support. */
  locationScale?(): LocationScale;
  /** The closed form of its divergences; none unless given. */
  readonly divergence?: Divergence;
  /** Of a mixture, what it is made of. */
  readonly components?: Components;
  /** Set where the density has no finite integral. */
  readonly improper?: true;
  /** Set where the log density is the same whatever the value. */
  readonly valueless?: true;
  /** Which exponential family it belongs to. */
  readonly exponentialFamily?: ExponentialFamily;
  /** Of a normal vector that is given by a factor. */
  linearNoise?(): LinearNoise;
  /** Of values that are seen with censoring. */
  partlySeen?(value: Tensor): Tensor | undefined;
}

/**
 * The distribution of a family whose draws have the given event axes besides their dimensions.
 *
 * @throws SurmiseError if two axes of one name meet; its methods as `Distribution` says.
 */
export function distribution(family: DistributionSpec, added: readonly Axis[] = []): Distribution {
  checkArguments("distribution", { family }, SPEC);
  checkArguments("distribution", { added }, listOf(AXIS));
  const { name, parameters, constraints, support, reparameterised, dimensions = [] } = family;
  const { logProbOfSome } = family;
  const tensors = Object.values(parameters);
  const dtype = family.dtype ?? tensors[0].dtype;
  const eventAxes = unionAxes(dimensions, added);
  const all = family.axes ?? axesOf(parameters);
  const axes = withoutAxes(all, eventAxes);
  unionAxes(axes, eventAxes);
  const read = (value: Tensor): Tensor => {
    const missing = eventAxes.filter((a) => !value.has(a));
    if (missing.length > 0) {
      throw new SurmiseError(
        `${name}: the value has axes ${describeAxes(value.axes)} and lacks the event axes ` +
          describeAxes(missing),
      );
    }
    if (!acceptsDtype(self, value.dtype)) {
      throw new SurmiseError(`${name}: the value is ${value.dtype}; ${dtypeHint(self)}`);
    }
    return cast(value, dtype);
  };
  const lacks = (what: string): never => {
    throw new SurmiseError(`${name}: there is no ${what}`);
  };
  const self: Distribution = {
    name,
    parameters,
    constraints,
    axes,
    eventAxes,
    dimensions,
    dtype,
    support,
    reparameterised,
    logProb(value) {
      const density = guardSupport(
        support,
        read(value),
        dimensions,
        family.logProb,
        Number.NEGATIVE_INFINITY,
      );
      // Terms of their own, over fewer axes than the density; they have no derivative.
      const checks = [
        support.kind === "binary"
          ? barrier(maybeOutside(support, value), dtype, Number.NEGATIVE_INFINITY)
          : undefined,
        family.composed ? undefined : parameterBarrier(self),
      ];
      const checked = checks.reduce<Tensor>(
        (sum, x) => (x === undefined ? sum : sum.add(x)),
        density,
      );
      return sumPrecisely(checked, withoutAxes(eventAxes, dimensions));
    },
    sample(key, over) {
      const draws = family.sample(key, unionAxes(over, axes, eventAxes));
      return reparameterised ? draws : stopGradient(draws);
    },
    mean: () => family.mean?.() ?? lacks("mean"),
    variance: () => family.variance?.() ?? lacks("variance"),
    cdf: (value) => family.cdf?.(read(value)) ?? lacks(CDF),
    logCdf(value) {
      const { cdf, logCdf = cdf && ((x) => logOf(cdf(x))) } = family;
      if (logCdf === undefined) return lacks(CDF);
      return guardEnds(support, read(value), logCdf, Number.NEGATIVE_INFINITY, 0);
    },
    logSurvival(value) {
      const { cdf, logSurvival = cdf && ((x) => logOf(cdf(x).neg().add(1))) } = family;
      if (logSurvival === undefined) return lacks(CDF);
      return guardEnds(support, read(value), logSurvival, 0, Number.NEGATIVE_INFINITY);
    },
    entropy() {
      const each = family.entropy?.();
      const check = family.composed ? undefined : parameterBarrier(self);
      const checked = check === undefined ? each : each?.add(check);
      return checked && sumPrecisely(checked, withoutAxes(eventAxes, dimensions));
    },
    event: (...more) => distribution(family, unionAxes(added, more)),
    map: (f) => distribution(mapSpec(family, f), added),
    ...(logProbOfSome && {
      logProbOfSome(value: Tensor) {
        const density = logProbOfSome(read(value));
        const check = parameterBarrier(self);
        return check === undefined ? density : density.add(check);
      },
    }),
    ...(family.locationScale && { locationScale: family.locationScale }),
    ...(family.divergence && { divergence: family.divergence }),
    ...(family.improper && { improper: family.improper }),
    ...(family.valueless && { valueless: family.valueless }),
    ...(family.exponentialFamily && { exponentialFamily: family.exponentialFamily }),
    ...(family.linearNoise && { linearNoise: family.linearNoise }),
    ...(family.partlySeen && { partlySeen: family.partlySeen }),
    ...(family.components && added.length === 0 && { components: family.components }),
  };
  return self;
}

const CDF = "expression for the distribution function";

/** log p, and -Infinity without a derivative where p is 0. */
function logOf(p: Tensor): Tensor {
  const some = p.gt(0);
  return select(some, log(select(some, p, 1)), Number.NEGATIVE_INFINITY);
}

/** The properties of a family's parameters, of `f` of them. */
function mapSpec(family: DistributionSpec, f: (x: Tensor) => Tensor): DistributionSpec {
  const { name, axes, mean, variance, cdf, entropy, locationScale, divergence } = family;
  const { logCdf, logSurvival, components, logProbOfSome, linearNoise, partlySeen } = family;
  const constraints = mapValues(family.constraints, (support) => mapSupport(support, f));
  const parameters = mapValues(family.parameters, f);
  for (const [parameter, x] of Object.entries(parameters)) {
    const support = constraints[parameter];
    if (x === family.parameters[parameter] || support === undefined) continue;
    checkParameter(`${name}: ${parameter}`, x, support);
  }
  const before = axesOf(family.parameters);
  // Axes that draws do not have, such as that of the categories, they do not have afterwards either.
  const inner = axes && withoutAxes(before, axes);
  return {
    ...family,
    parameters,
    constraints,
    support: mapSupport(family.support, f),
    ...(axes &&
      inner && {
        axes: unionAxes(withoutAxes(axesOf(parameters), inner), withoutAxes(axes, before)),
      }),
    logProb: (value) => f(family.logProb(value)),
    sample: (key, over) => f(family.sample(key, over)),
    ...(logProbOfSome && { logProbOfSome: (value: Tensor) => f(logProbOfSome(value)) }),
    ...(mean && { mean: () => f(mean()) }),
    ...(variance && { variance: () => f(variance()) }),
    ...(cdf && { cdf: (value: Tensor) => f(cdf(value)) }),
    ...(logCdf && { logCdf: (value: Tensor) => f(logCdf(value)) }),
    ...(logSurvival && { logSurvival: (value: Tensor) => f(logSurvival(value)) }),
    ...(entropy && { entropy: () => f(entropy()) }),
    ...(locationScale && {
      locationScale: () => {
        const { location, scale } = locationScale();
        return { location: f(location), ...(scale && { scale: f(scale) }) };
      },
    }),
    ...(linearNoise && {
      linearNoise: () => {
        const { location, factor, column } = linearNoise();
        return { location: f(location), factor: f(factor), column };
      },
    }),
    ...(partlySeen && {
      partlySeen(value: Tensor) {
        const seen = partlySeen(value);
        return seen && f(seen);
      },
    }),
    ...(components && {
      components: {
        axis: components.axis,
        logWeights: f(components.logWeights),
        distribution: components.distribution.map(f),
      },
    }),
    ...(divergence?.parameters && {
      divergence: { ...divergence, parameters: mapValues(divergence.parameters, f) },
    }),
  };
}

/** A distribution whose parameters are made of these moments. */
export function withMoments(of: Distribution, moments: readonly Moment[]): Distribution {
  return {
    ...of,
    moments,
    event: (...axes) => withMoments(of.event(...axes), moments),
    map: (f) =>
      withMoments(
        of.map(f),
        moments.map(({ expectation, statistic }) => ({
          expectation: f(expectation),
          statistic: (draw) => f(statistic(draw)),
        })),
      ),
  };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, f: (x: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, x]) => [name, f(x)]));
}

function axesOf(parameters: Readonly<Record<string, Tensor>>): readonly Axis[] {
  return unionAxes(...Object.values(parameters).map((x) => x.axes));
}

/** 1 where `x` lies outside; undefined where it is known not to. */
function maybeOutside(support: Support, x: Tensor): Tensor | undefined {
  return isCertain(support, x) ? undefined : isOutside(support, x);
}

/** 0, and `otherwise` where `outside` is 1; undefined where it never is. */
function barrier(outside: Tensor | undefined, dtype: DType, otherwise: number): Tensor | undefined {
  return outside && select(outside, constant(otherwise, dtype), constant(0, dtype));
}

/**
 * 0, and NaN where a parameter lies outside its set, as many formulas give a number there too: added to a density,
 * it ends a run, and what is to blame is looked for. Axes: those of the parameters, without dimensions and without
 * those along which parameters of one draw lie. Undefined where all parameters are known to lie in their sets.
 */
export function parameterBarrier(of: Distribution): Tensor | undefined {
  const { parameters, constraints, axes, eventAxes, dimensions, dtype } = of;
  const kept = withoutAxes([...axes, ...eventAxes], dimensions);
  const type = isFloat(dtype) ? dtype : Object.values(parameters)[0].dtype;
  return Object.entries(parameters)
    .filter(([name]) => constraints[name] !== undefined && constraints[name].kind !== "real")
    .map(([name, x]) => {
      const outside = maybeOutside(constraints[name], x);
      const own = outside === undefined ? [] : withoutAxes(outside.axes, kept);
      const any = own.length === 0 ? outside : outside && max(select(outside, 1, 0), ...own).gt(0);
      return barrier(any, type, Number.NaN);
    })
    .reduce(
      (sum, x) => (sum === undefined || x === undefined ? (sum ?? x) : sum.add(x)),
      undefined,
    );
}

/** Whether values of type `dtype` can be draws: the draws' own type, and integers of counts. */
export function acceptsDtype({ dtype, support }: Distribution, offered: DType): boolean {
  return offered === dtype || (isDiscrete(support) && !isFloat(offered));
}

/** What to do about a value of a type that is not accepted. */
export function dtypeHint({ name, dtype }: Distribution): string {
  return `draws of this ${name} are ${dtype}: use cast(value, '${dtype}')`;
}

/** The sum of `x` over `axes`, where `x` is constant along those that it lacks. */
export function sumAlong(x: Tensor, axes: readonly Axis[]): Tensor {
  const present = axes.filter((a) => x.has(a));
  const repeats = sizeOf(withoutAxes(axes, present));
  const summed = present.length === 0 ? x : sum(x, ...present);
  return repeats === 1 ? summed : summed.mul(repeats);
}

/**
 * `sumAlong` where terms of `x` that vary over fewer axes than the others are summed on their own:
 * the log sd of a normal is not added up once for each of the values whose density it is a term of.
 */
export function sumPrecisely(x: Tensor, axes: readonly Axis[]): Tensor {
  const fewer = ({ axes: own }: Tensor) => own.length < x.axes.length;
  if (axes.length === 0 || !(x.op === "add" || x.op === "sub") || !x.inputs.some(fewer)) {
    return sumAlong(x, axes);
  }
  return make(
    x.operation,
    x.inputs.map((term) => sumPrecisely(term, axes)),
  );
}
