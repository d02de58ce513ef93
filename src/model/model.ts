import type { Distribution } from "../distributions/index.ts";
import {
  type Axis,
  checkArguments,
  FUNCTION,
  type Operand,
  optional,
  optionsWith,
  PRECISION,
  type Precision,
  type Tensor,
} from "../tensor/internal.ts";
import type { ChainStep, State } from "./chains/step.ts";
import type { ParamOptions } from "./parameters.ts";
import type { Minibatch } from "./sites.ts";

/** How the search for a latent begins. */
export interface SampleSiteOptions {
  /** A value inside the support; a number, or a tensor over some of the plates and event axes. */
  readonly init?: Operand;
}

/** The statements a model is written with. Every name is used once in a model. */
export interface Sites {
  /**
   * A random quantity to be inferred, drawn independently for each element of the plates around it. `init` is where
   * searches, guides and chains of draws begin: a value inside the support, over any of its axes; the location of the
   * prior, or a random place, unless given.
   *
   * @returns its value, over the plates (outermost first) and the event axes of the distribution.
   */
  sample(name: string, distribution: Distribution, options?: SampleSiteOptions): Tensor;

  /**
   * A random quantity whose value is known. `value` has the event axes of the distribution and the
   * plates around it; along a plate it lacks, the same value was observed at each element, and so is a number.
   */
  observe(name: string, distribution: Distribution, value: Operand): void;

  /**
   * Adds `logDensity` to the log density of the model, in nats, for each element of the plates around it: a likelihood
   * or a prior that no distribution is (= `target +=` in Stan, `potential` in PyMC, `factor` in NumPyro). Its axes are
   * plates; sum over others first. Predictions leave it out.
   *
   * @example factor("balance", square(sum(effect)).mul(-0.5 / 0.01))
   */
  factor(name: string, logDensity: Tensor): void;

  /**
   * Whatever `body` samples and observes is independent along `axis`, given what stands outside. If
   * the axis holds only a part of the data, `total` is the number of elements in all. With `minibatch` sums over the plate
   * are estimated from some of its elements.
   */
  plate<T>(
    axis: Axis,
    body: () => T,
    options?: { readonly total?: number; readonly minibatch?: Minibatch },
  ): T;

  /**
   * A Markov chain along `axis`. `step` is given the state before, at first `initial`, and returns the state that it
   * samples; what it samples and observes is independent of the other steps given these two. A state may hand on parts of
   * the state before: the value two steps ago, a running sum, an error or a variance of the step before. Inside, data
   * along `axis` are taken by `at`. `step` is called once for all steps, twice where the states have event axes that
   * `initial` lacks, with tensors that have a value at each step: they leave it in the state only. A chain of a thousand
   * steps builds as fast as one of ten.
   *
   * @returns the states of all steps, over `axis`.
   *
   * @example
   * chain(time, constant(0), (previous, { at }) => {
   *   const level = sample("level", normal(previous, drift));
   *   observe("y", normal(level, noise), at(y));
   *   return level;
   * });
   */
  chain<S extends State>(axis: Axis, initial: S, step: (previous: S, step: ChainStep) => S): S;

  /** A quantity to be trained, stored row-major over `axes` in this order; plates do not touch it. */
  param(name: string, axes: readonly Axis[], options: ParamOptions): Tensor;

  /** Records `value` under `name`, so that results can show it, and returns it. */
  deterministic(name: string, value: Tensor): Tensor;
}

/**
 * A joint distribution, written as a function that makes its statements in order. A guide (a
 * posterior approximation) is the same thing; its latents bear the names of the model's. Running it
 * computes nothing: it builds expressions. A model may call another as a part of itself.
 */
export interface Model<Data = unknown, Result = void> extends ModelOptions {
  /** The statements, in order: called once for each trace. */
  (sites: Sites, data: Data): Result;
}

/** What holds for all that is made from a model. */
export interface ModelOptions {
  /**
   * What everything that is made from the model computes in: its data, priors and draws, guides, optimisers.
   * float32 unless given; float64 keeps data such as years and unix seconds exact.
   */
  readonly dtype?: Precision;
}

/**
 * Gives `body` its types, and the precision in which it is to be computed.
 *
 * @example
 * const coin = model(({ sample, observe, plate }, { toss, shown }: Data) => {
 *   const logit = sample("logit", normal(0, 1));
 *   plate(toss, () => observe("shown", bernoulli({ logits: logit }), shown));
 * });
 */
export function model<Data = unknown, Result = void>(
  body: (sites: Sites, data: Data) => Result,
  options: ModelOptions = {},
): Model<Data, Result> {
  checkArguments("model", { body }, FUNCTION);
  checkArguments("model", { options }, optionsWith<ModelOptions>({ dtype: optional(PRECISION) }));
  const { dtype } = options;
  return dtype === undefined
    ? body
    : Object.assign((...all: Parameters<typeof body>) => body(...all), { dtype });
}
