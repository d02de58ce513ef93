/** Distributions from what a family says of one element: event axes, values outside and messages are added here, once. */

import {
  AXIS,
  type Axis,
  cast,
  checkArguments,
  type DType,
  describeAxes,
  FUNCTION,
  isFloat,
  KEY,
  type Key,
  listOf,
  log,
  OBJECT,
  objectWith,
  optional,
  promoted,
  recordOf,
  SurmiseError,
  select,
  stopGradient,
  TENSOR,
  TEXT,
  type Tensor,
  unionAxes,
  withoutAxes,
} from "../../tensor/internal.ts";
import type { Bounds, Distribution } from "../distribution.ts";
import { checkParameter } from "../parameters.ts";
import { guardEnds, guardSupport } from "../support/guards.ts";
import { mapSupport, SUPPORT, type Support } from "../support/support.ts";
import { isDiscrete } from "../support/supportRules.ts";
import { barrier, maybeOutside, parameterBarrier } from "./barriers.ts";
import { sumPrecisely } from "./sums.ts";

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

/** What a distribution has of its family as it is, if the family has it. */
const AS_GIVEN = [
  "locationScale",
  "divergence",
  "improper",
  "valueless",
  "exponentialFamily",
  "linearNoise",
  "partlySeen",
  "between",
] as const satisfies readonly (keyof Distribution)[];

type AsGiven = Pick<Distribution, (typeof AS_GIVEN)[number]>;

/**
 * What a family defines: everything about a single element, or about one draw over the
 * `dimensions`. Event axes are added here, once.
 */
export interface DistributionSpec extends AsGiven, Pick<Distribution, "components"> {
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
    checkArguments(name, { value }, TENSOR);
    const missing = eventAxes.filter((a) => !value.has(a));
    if (missing.length > 0) {
      throw new SurmiseError(
        `${name}: the value has axes ${describeAxes(value.axes)} and lacks the event axes ` +
          describeAxes(missing),
      );
    }
    const own = inTypeOf(`${name}: the value`, self, value);
    if (!acceptsDtype(self, own.dtype)) {
      throw new SurmiseError(`${name}: the value is ${own.dtype}; ${dtypeHint(self)}`);
    }
    return cast(own, dtype);
  };
  const lacks = (what: string): never => {
    throw new SurmiseError(`${name}: there is no ${what}`);
  };
  const self: Distribution = {
    [Symbol.toStringTag]: "Distribution",
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
      checkArguments(`${name}: sample`, { key }, KEY);
      checkArguments(`${name}: sample`, { axes: over }, listOf(AXIS));
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
    event: (...more) => {
      checkArguments(`${name}: event`, { axes: more }, listOf(AXIS));
      return distribution(family, unionAxes(added, more));
    },
    map: (f) => distribution(mapSpec(family, f), added),
    ...(logProbOfSome && {
      logProbOfSome(value: Tensor) {
        const density = logProbOfSome(read(value));
        const check = parameterBarrier(self);
        return check === undefined ? density : density.add(check);
      },
    }),
    ...asGiven(family),
    ...(family.components && added.length === 0 && { components: family.components }),
  };
  return self;
}

function asGiven(family: AsGiven): AsGiven {
  const known = AS_GIVEN.filter((property) => family[property] !== undefined);
  return Object.fromEntries(known.map((property) => [property, family[property]]));
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
  const { logCdf, logSurvival, components, logProbOfSome, linearNoise, partlySeen, between } =
    family;
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
    ...(between && {
      between: (bounds: Bounds) => between(bounds).map(f),
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

function mapValues<A, B>(record: Readonly<Record<string, A>>, f: (x: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, x]) => [name, f(x)]));
}

function axesOf(parameters: Readonly<Record<string, Tensor>>): readonly Axis[] {
  return unionAxes(...Object.values(parameters).map((x) => x.axes));
}

/** Whether values of type `dtype` can be draws: the draws' own type, and integers of counts. */
export function acceptsDtype({ dtype, support }: Distribution, offered: DType): boolean {
  return offered === dtype || (isDiscrete(support) && !isFloat(offered));
}

/**
 * Whole numbers (int32, uint8) as values of what draws floats; other values as they are.
 *
 * @throws SurmiseError, which begins with `what`, if they are known, and float32 would round them.
 */
export function inTypeOf(what: string, distribution: Distribution, value: Tensor): Tensor {
  const { dtype } = distribution;
  const isWhole = isFloat(dtype) && !isFloat(value.dtype);
  return isWhole && !acceptsDtype(distribution, value.dtype) ? promoted(what, value, dtype) : value;
}

/** What to do about a value of a type that is not accepted. */
export function dtypeHint({ name, dtype }: Distribution): string {
  return `draws of this ${name} are ${dtype}: use cast(value, '${dtype}')`;
}
