/** All families, for lists of them and for tests of what is true of each. */
import { type Axis, axis, constant, type DType, type Tensor, tensor } from "../tensor/index.ts";
import type { Distribution } from "./distribution.ts";
import * as families from "./families/index.ts";

/** A family: how it is called, what it is for, and one member with parameters of a type. */
export interface RegistryEntry {
  /** How it is called, with its parameters. */
  readonly call: string;
  /** What it is for, in a few words. */
  readonly about: string;
  /** Of what is made of another distribution, the one that the example is made of: "a gamma". */
  readonly of?: string;
  /** Where draws lie, where this depends on a parameter; what the support of the example says unless given. */
  readonly support?: string;
  /** A member with parameters of type `dtype`. */
  example(dtype: DType): Distribution;
}

const part: Axis = axis("part", 3);
const cut: Axis = axis("cut", 3);
const category: Axis = axis("category", 4);

const one: Axis = axis("one", 2);
const other: Axis = axis("other", 2);

const shares = (dtype: DType): Tensor => tensor([0.2, 0.5, 0.3], [part], dtype);

/** By name, in the order of the list. */
export const REGISTRY: Readonly<Record<string, RegistryEntry>> = {
  normal: {
    call: "normal(mean, sd)",
    about: "errors and effects; with event axes, a multivariate normal of diagonal covariance",
    example: (t) => families.normal(constant(0.5, t), 1.5),
  },
  lognormal: {
    call: "lognormal(mean, sd)",
    about: "exp of a normal",
    example: (t) => families.lognormal(constant(0.5, t), 0.75),
  },
  halfNormal: {
    call: "halfNormal(scale)",
    about: "size of a normal around 0",
    example: (t) => families.halfNormal(constant(2, t)),
  },
  cauchy: {
    call: "cauchy(location, scale)",
    about: "heavy tails, without a mean",
    example: (t) => families.cauchy(constant(0.5, t), 2),
  },
  halfCauchy: {
    call: "halfCauchy(scale)",
    about: "size of a Cauchy around 0",
    example: (t) => families.halfCauchy(constant(2, t)),
  },
  studentT: {
    call: "studentT(degrees, location, scale)",
    about: "errors with outliers",
    example: (t) => families.studentT(constant(5, t), 0.5, 2),
  },
  halfStudentT: {
    call: "halfStudentT(degrees, scale)",
    about: "spreads: between a half Cauchy and a half normal",
    example: (t) => families.halfStudentT(constant(5, t), 2),
  },
  skewNormal: {
    call: "skewNormal(location, scale, shape)",
    about: "a normal that leans to one side",
    example: (t) => families.skewNormal(constant(0.5, t), 1.5, 2),
  },
  laplace: {
    call: "laplace(location, scale)",
    about: "double exponential",
    example: (t) => families.laplace(constant(0.5, t), 2),
  },
  logistic: {
    call: "logistic(location, scale)",
    about: "normal-like with heavier tails",
    example: (t) => families.logistic(constant(0.5, t), 2),
  },
  gumbel: {
    call: "gumbel(location, scale)",
    about: "largest of many",
    example: (t) => families.gumbel(constant(0.5, t), 2),
  },
  exponential: {
    call: "exponential(rate)",
    about: "waiting times",
    example: (t) => families.exponential(constant(2, t)),
  },
  gamma: {
    call: "gamma(shape, rate)",
    about: "positive amounts, precisions",
    example: (t) => families.gamma(constant(2.5, t), 0.5),
  },
  chiSquare: {
    call: "chiSquare(degrees)",
    about: "sum of squares of normals",
    example: (t) => families.chiSquare(constant(5, t)),
  },
  inverseGamma: {
    call: "inverseGamma(shape, scale)",
    about: "variances",
    example: (t) => families.inverseGamma(constant(5, t), 2),
  },
  weibull: {
    call: "weibull(shape, scale)",
    about: "life times",
    example: (t) => families.weibull(constant(1.5, t), 2),
  },
  gompertz: {
    call: "gompertz(shape, rate)",
    about: "life times whose hazard grows with age",
    example: (t) => families.gompertz(constant(0.5, t), 0.2),
  },
  pareto: {
    call: "pareto(shape, scale)",
    about: "power law above a smallest value",
    support: "at least the scale",
    example: (t) => families.pareto(constant(6, t), 2),
  },
  beta: {
    call: "beta(alpha, beta)",
    about: "probabilities",
    example: (t) => families.beta(constant(2, t), 3.5),
  },
  zeroOneInflatedBeta: {
    call: "zeroOneInflatedBeta(alpha, beta, { ends, one })",
    about: "shares of which some are 0 or 1",
    example: (t) => families.zeroOneInflatedBeta(constant(2, t), 3.5, { ends: 0.3, one: 0.4 }),
  },
  uniform: {
    call: "uniform(low, high)",
    about: "equal density between two ends",
    support: "between its bounds",
    example: (t) => families.uniform(constant(-1, t), 2),
  },
  vonMises: {
    call: "vonMises(location, concentration)",
    about: "angles",
    example: (t) => families.vonMises(constant(0.5, t), 2),
  },
  truncatedNormal: {
    call: "truncatedNormal(mean, sd, { lower, upper })",
    about: "a normal between bounds",
    support: "between its bounds",
    example: (t) => families.truncatedNormal(constant(0.5, t), 1.5, { lower: -1, upper: 2 }),
  },
  truncated: {
    call: "truncated(distribution, { lower, upper })",
    about: "any distribution of numbers or counts, given that it lies between bounds",
    support: "between its bounds",
    of: "a gamma",
    example: (t) =>
      families.truncated(families.gamma(constant(2.5, t), 0.5), { lower: 1, upper: 6 }),
  },
  bernoulli: {
    call: "bernoulli({ probs } or { logits })",
    about: "yes or no",
    example: (t) => families.bernoulli({ probs: constant(0.3, t) }),
  },
  binomial: {
    call: "binomial(total, { probs } or { logits })",
    about: "successes in a number of trials",
    support: "a whole number from 0 to the total",
    example: (t) => families.binomial(constant(12, t), { probs: 0.3 }),
  },
  betaBinomial: {
    call: "betaBinomial(total, alpha, beta or { mean, concentration })",
    about: "successes of varying probability",
    support: "a whole number from 0 to the total",
    example: (t) => families.betaBinomial(constant(12, t), 2, 3.5),
  },
  geometric: {
    call: "geometric({ probs } or { logits })",
    about: "failures before the first success",
    example: (t) => families.geometric({ probs: constant(0.3, t) }),
  },
  poisson: {
    call: "poisson(rate or { logRate })",
    about: "counts of rare events",
    example: (t) => families.poisson(constant(3, t)),
  },
  negativeBinomial: {
    call: "negativeBinomial({ total, probs or logits } or { mean or logMean, dispersion })",
    about: "counts that vary more than Poisson's",
    example: (t) => families.negativeBinomial({ mean: constant(3, t), dispersion: 0.5 }),
  },
  zeroInflated: {
    call: "zeroInflated(counts, { probs } or { logits })",
    about: "counts with more zeros",
    of: "a Poisson",
    example: (t) => families.zeroInflated(families.poisson(constant(3, t)), { probs: 0.3 }),
  },
  hurdle: {
    call: "hurdle(counts, { probs } or { logits })",
    about: "counts whose zeros have a cause of their own",
    of: "a Poisson",
    example: (t) => families.hurdle(families.poisson(constant(3, t)), { probs: 0.3 }),
  },
  categorical: {
    call: "categorical(weights, axis)",
    about: "one of several, by its position",
    example: (t) => families.categorical(shares(t)),
  },
  orderedLogistic: {
    call: "orderedLogistic(location, cutpoints, { cut, category })",
    about: "grades",
    example: (t) =>
      families.orderedLogistic(constant(0.5, t), tensor([-1, 0, 2], [cut], t), { cut, category }),
  },
  orderedProbit: {
    call: "orderedProbit(location, cutpoints, { cut, category })",
    about: "grades, with normal errors",
    example: (t) =>
      families.orderedProbit(constant(0.5, t), tensor([-1, 0, 2], [cut], t), { cut, category }),
  },
  mixture: {
    call: "mixture(weights, components, axis)",
    about: "one of several distributions, summed out",
    of: "normals",
    example: (t) => families.mixture(shares(t), families.normal(tensor([-2, 0, 3], [part], t), 1)),
  },
  dirichlet: {
    call: "dirichlet(concentration, axis)",
    about: "shares that sum to one",
    example: (t) => families.dirichlet(tensor([2, 5, 3], [part], t), part),
  },
  multivariateNormal: {
    call: "multivariateNormal(mean, { factor, covariance or precision }, axis, column)",
    about: "values that vary together",
    example: (t) => {
      const spread = { covariance: tensor([2, 0.6, 0.6, 1], [one, other], t) };
      return families.multivariateNormal(tensor([0.5, -1], [one], t), spread, one, other);
    },
  },
  multivariateStudentT: {
    call: "multivariateStudentT(degrees, location, { factor or scale }, axis, column)",
    about: "values that vary together, with outliers",
    example: (t) => {
      const spread = { scale: tensor([2, 0.6, 0.6, 1], [one, other], t) };
      return families.multivariateStudentT(60, tensor([0.5, -1], [one], t), spread, one, other);
    },
  },
  lkjCholesky: {
    call: "lkjCholesky(concentration, row, column)",
    about: "Cholesky factors of correlation matrices",
    example: (t) => families.lkjCholesky(constant(2, t), part, cut),
  },
  wishartCholesky: {
    call: "wishartCholesky(degrees, factor, row, column)",
    about: "Cholesky factors of scatter matrices and precisions",
    example: (t) =>
      families.wishartCholesky(
        constant(15, t),
        tensor([0.25, 0, 0.125, 0.2], [one, other], t),
        one,
        other,
      ),
  },
  inverseWishartCholesky: {
    call: "inverseWishartCholesky(degrees, factor, row, column)",
    about: "Cholesky factors of covariances",
    example: (t) => {
      const factor = tensor([4, 0, 2, 3.2], [one, other], t);
      return families.inverseWishartCholesky(constant(15, t), factor, one, other);
    },
  },
  multinomial: {
    call: "multinomial(total, weights, axis)",
    about: "how often each of several comes up",
    example: (t) => families.multinomial(constant(12, t), shares(t)),
  },
  dirichletMultinomial: {
    call: "dirichletMultinomial(total, concentration, axis)",
    about: "how often each of several comes up, where their shares vary",
    example: (t) =>
      families.dirichletMultinomial(constant(12, t), tensor([2, 5, 3], [part], t), part),
  },
  delta: {
    call: "delta(value)",
    about: "a known value",
    example: (t) => families.delta(constant(0.5, t)),
  },
};
