/** Guides that are made from the model. */
import { type Distribution, finiteValues } from "../../distributions/internal.ts";
import {
  type ChainStep,
  checkWhole,
  type Model,
  type Parts,
  type Plate,
  partsOf,
  type Sites,
  type State,
  type Statement,
} from "../../model/internal.ts";
import {
  type Axis,
  axis,
  checkArguments,
  constant,
  type DType,
  FLAG,
  FUNCTION,
  listOf,
  OBJECT,
  optional,
  optionsWith,
  TEXT,
  Tensor,
} from "../../tensor/internal.ts";
import {
  broadcastOver,
  type Initialisation,
  initialisationNamed,
  initialisations,
} from "../density/initialisation.ts";
import { isSummable } from "../proposal/enumeration.ts";

const PARAMETERS_OF_EACH =
  "an automatic guide has parameters for each element: write a guide whose parameters are functions of the data, or";

/**
 * The posterior approximation of one latent; what it trains it declares by `param`, to begin at `start`. `context` is
 * what the guide has drawn before.
 */
export type GuideFamily = (
  statement: Statement,
  param: Sites["param"],
  start: Initialisation,
  context: GuideContext,
) => Distribution | NoisyDistribution | DeviatingDistribution;

/** A distribution whose draws are made of noise that later latents may depend on. */
export interface NoisyDistribution {
  /** What the latent is drawn from. */
  readonly distribution: Distribution;
  /** The noise that made a draw, in the forms that later latents ask for. */
  readonly noiseOf: (value: Tensor) => Noise;
}

/** A distribution in a chain whose draws later steps may depend on. */
export interface DeviatingDistribution {
  /** What the latent is drawn from. */
  readonly distribution: Distribution;
  /** How far a draw is from its mean, in unconstrained space. */
  readonly deviationOf: (value: Tensor) => Tensor;
}

/** The noise of a draw, over its plates, its particles and, unless its latent is a scalar, `axis`. */
export interface Noise {
  /** Standard normal. */
  readonly standard: Tensor;
  /** The draw itself in the coordinates of the guide. */
  readonly whitened: Tensor;
  /** Of its elements; a scalar has none. */
  readonly axis: Axis | undefined;
}

/** The noise of a latent drawn before. */
export interface EarlierNoise extends Noise {
  /** Its name. */
  readonly name: string;
  /** The plates it stands in. */
  readonly plates: readonly Plate[];
}

/** What a family is told of the guide that it is a part of. */
export interface GuideContext {
  /** The noise of those latents drawn before that have it, outside of chains. */
  readonly earlier: readonly EarlierNoise[];
  /** All latents of the model, by name. */
  readonly latents: ReadonlyMap<string, Initialisation>;
  /** What `of` has for this run of the guide, made when it is asked for first. */
  once<T>(of: object, make: () => T): T;
  /** An axis of the guide: the same object at each run. */
  axis(name: string, size: number): Axis;
  /** Of what varies along a chain that is open here, the elements of the present step. */
  here(x: Tensor): Tensor;
  /**
   * Of a latent of the chain that is open here, how far its draw some steps before was from its mean; undefined where
   * that is not remembered.
   */
  deviation(name: string, lag: number): Tensor | undefined;
}

/** Deviations of which latents of a chain are remembered, for how many steps. */
export interface Remembered {
  /** The chain, or one of its name and size. */
  readonly axis: Axis;
  /** For so many steps. */
  readonly order: number;
  /** The latents. */
  readonly sites: readonly { readonly name: string; readonly dtype: DType }[];
}

/**
 * A guide for `model`: the model itself, read with another distribution in the place of each latent's
 * own, and without observations. So its latents stand in the same plates, its parameters carry the
 * axes of the sites, and a support that depends on other latents follows their draws. In a chain each step
 * has its own elements of the parameters. A tracing runs the model once, the first one with some data twice: once
 * to find where the latents begin.
 *
 * @throws SurmiseError (when traced) if a latent stands in a subsampled plate, or has a support for
 * which the family has nothing.
 *
 * @example fit({ model, guide: automaticGuide(model, meanField()), ... })
 */
export function automaticGuide<Data>(
  model: Model<Data, unknown>,
  family: GuideFamily,
  options: AutomaticGuideOptions = {},
): Model<Data, unknown> {
  checkArguments("automaticGuide", { model, family }, FUNCTION);
  checkArguments(
    "automaticGuide",
    { options },
    optionsWith<AutomaticGuideOptions>({
      sumsOut: optional(FLAG),
      leading: optional(listOf(TEXT)),
      remembered: optional(OBJECT),
      axes: optional(FUNCTION),
    }),
  );
  const { sumsOut = false, leading = [], remembered } = options;
  const initialOf = rememberingLast((data: Data) => initialisations(model, data));
  const axisOf = options.axes ?? guideAxes();
  return (sites, data) => {
    const open: Plate[] = [];
    const initial = initialOf(data);
    const earlier: EarlierNoise[] = [];
    const kept = new Map<object, unknown>();
    const once = <T>(of: object, make: () => T): T => {
      if (!kept.has(of)) kept.set(of, make());
      return kept.get(of) as T;
    };
    let met = new Set<string>();
    let step: ChainStep | undefined;
    let deviations = new Map<string, Tensor>();
    const param: Sites["param"] = (name, axes, options) => {
      const whole = sites.param(name, axes, options);
      return step?.at(whole) ?? whole;
    };
    const approximated = (statement: Statement): Tensor => {
      const { name, plates } = statement;
      const start = initialisationNamed(initial, name);
      const here = (x: Tensor) => step?.at(x) ?? x;
      const deviation = (of: string, lag: number) => deviations.get(deviationName(of, lag));
      const context = { earlier, latents: initial, once, axis: axisOf, here, deviation };
      const made = family(statement, param, start, context);
      if ("deviationOf" in made) {
        const value = sites.sample(name, made.distribution);
        deviations.set(deviationName(name, 0), made.deviationOf(value));
        return value;
      }
      if (!("noiseOf" in made)) return sites.sample(name, made);
      const value = sites.sample(name, made.distribution);
      earlier.push({ name, plates, ...made.noiseOf(value) });
      return value;
    };
    const ahead = new Map(
      leading.map((name) => {
        const { prior } = initialisationNamed(initial, name);
        return [name, approximated({ name, distribution: prior, plates: [] })];
      }),
    );
    const within: Sites = {
      ...sites,
      sample(name, distribution) {
        const drawn = ahead.get(name);
        if (drawn !== undefined) return drawn;
        const statement = { name, distribution, plates: [...open] };
        if (sumsOut && isSummable(statement)) return firstValue(statement);
        checkWhole(`latent '${name}'`, statement.plates, PARAMETERS_OF_EACH);
        const known = met.has(name) || distribution.support.kind === "point";
        met.add(name);
        return known ? sites.sample(name, distribution) : approximated(statement);
      },
      observe: () => {},
      factor: () => {},
      deterministic: (_, value) => value,
      plate(axis, body, options) {
        open.push({ axis, total: options?.total ?? axis.size });
        try {
          return sites.plate(axis, body, options);
        } finally {
          open.pop();
        }
      },
      chain(axis, initial, body) {
        const before = met;
        open.push({ axis, total: axis.size, chain: true });
        const memory = memoryOf(axis, initial, remembered);
        try {
          const states = sites.chain(axis, memory.initial, (previous, here) => {
            [met, step] = [new Set(before), here];
            deviations = memory.deviations(previous);
            return memory.next(body(memory.without(previous), here), deviations);
          });
          return memory.without(states);
        } finally {
          [step, deviations] = [undefined, new Map()];
          open.pop();
        }
      },
    };
    return model(within, data);
  };
}

/** The axes of a guide, by name: the same object for a name and a size. */
export function guideAxes(): GuideContext["axis"] {
  const axes = new Map<string, Axis>();
  return (name, size) => {
    const known = axes.get(name);
    const made = known?.size === size ? known : axis(name, size);
    axes.set(name, made);
    return made;
  };
}

/** What an automatic guide leaves out, and what it begins with. */
export interface AutomaticGuideOptions {
  /**
   * Whether it has no discrete latents with finitely many values, so that they are summed out; the guide of other
   * latents sees the first of their values. False unless given.
   */
  readonly sumsOut?: boolean;
  /**
   * Latents that are drawn before all others, which may depend on them, wherever the model states them: outside of plates,
   * with priors that depend on no latent. None unless given.
   */
  readonly leading?: readonly string[];
  /** What a chain remembers of its latents besides its state. Nothing unless given. */
  readonly remembered?: Remembered | undefined;
  /** The axes of its parameters, which two guides of the same parameters share; its own unless given. */
  readonly axes?: GuideContext["axis"];
}

const deviationName = (latent: string, lag: number) => `#${latent} ${lag}`;

/** The state of a chain with the deviations of its latents some steps before. */
function memoryOf<S extends State>(axis: Axis, initial: S, remembered: Remembered | undefined) {
  const isHere = remembered?.axis.name === axis.name && remembered.axis.size === axis.size;
  const lags = Array.from({ length: isHere ? remembered.order : 0 }, (_, k) => k + 1);
  const names = lags.flatMap((lag) => (remembered?.sites ?? []).map((site) => ({ ...site, lag })));
  const own = Object.keys(partsOf(initial));
  const with0 = (state: State, rest: Parts) =>
    (names.length === 0 ? state : { ...partsOf(state), ...rest }) as State;
  return {
    initial: with0(
      initial,
      Object.fromEntries(
        names.map(({ name, lag, dtype }) => [deviationName(name, lag), constant(0, dtype)]),
      ),
    ),
    /** Those of the steps before. */
    deviations: (previous: State) =>
      new Map(
        names.map(({ name, lag }) => {
          const called = deviationName(name, lag);
          return [called, partsOf(previous)[called]];
        }),
      ),
    next: (state: S, deviations: ReadonlyMap<string, Tensor>) =>
      with0(
        state,
        Object.fromEntries(
          names.map(({ name, lag, dtype }) => [
            deviationName(name, lag),
            deviations.get(deviationName(name, lag - 1)) ?? constant(0, dtype),
          ]),
        ),
      ),
    without: (state: State): S => {
      if (names.length === 0) return state as S;
      const parts = partsOf(state);
      return (
        initial instanceof Tensor
          ? parts.state
          : Object.fromEntries(own.map((name) => [name, parts[name]]))
      ) as S;
    },
  };
}

/** The first value of a discrete latent, at each element of its plates and event axes. */
function firstValue({ distribution, plates }: Statement): Tensor {
  const { support, dtype, eventAxes } = distribution;
  const axes = [...plates.flatMap((plate) => (plate.chain ? [] : [plate.axis])), ...eventAxes];
  return broadcastOver(axes, constant(finiteValues(support)?.first ?? 0, dtype));
}

/** `f`, called once for the same argument several times in a row. */
function rememberingLast<A, B>(f: (argument: A) => B): (argument: A) => B {
  let last: { readonly argument: A; readonly result: B } | undefined;
  return (argument) => {
    if (last === undefined || last.argument !== argument) last = { argument, result: f(argument) };
    return last.result;
  };
}
