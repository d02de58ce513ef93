/** Ways to fit a model, by name: combinations of guide, particles, gradient, or a search for the mode. */

import { type Optimiser, sgd, stepDecay } from "../optim/index.ts";
import type { Coordinates } from "./density/coordinates.ts";
import type { GradientEstimator } from "./gradient/estimator.ts";
import { type Gradient, gradientEstimator } from "./gradient/index.ts";
import type { GuideFamily } from "./guides/automatic.ts";
import { lowRank, meanField } from "./guides/families.ts";
import { type FlowKind, flow } from "./guides/flows/flow.ts";
import { fullCovariance } from "./guides/fullCovariance.ts";
import { joint } from "./guides/joint.ts";
import { jointMixture } from "./guides/jointMixture.ts";
import { momentGuide } from "./guides/moments/moments.ts";
import { heavyTails } from "./guides/noise/heavyTails.ts";
import { alongChains, structured } from "./guides/structured.ts";
import type { Objective } from "./process/training.ts";
import {
  average,
  global,
  massivelyParallel,
  type Particles,
  stratified,
} from "./proposal/particles.ts";
import { withoutDerivative } from "./requirements/combination.ts";
import { checkRequirements, type Requiring, unmet } from "./requirements/requirement.ts";
import {
  averagingRule,
  type FitOffer,
  type MethodNeed,
  normalNear,
  wholeData,
} from "./requirements/training.ts";
import type { BoundOptions } from "./target/bound.ts";
import { vcd } from "./target/vcd.ts";

/** What guides of single methods can be told. */
export interface GuideOptions {
  /** Of `flow`, which flow: a key of `FLOWS`; `spline` unless given. */
  readonly flow?: FlowKind | undefined;
  /** Of `mixture`, how many normals it has; 5 unless given. */
  readonly components?: number | undefined;
}

/** A guide is trained to make a bound larger. */
export interface GuideMethod {
  /** In one line, for help and tables. */
  readonly about: string;
  /** The guide that is made of a model, with the coordinates of its posterior where they are known. */
  guide(coordinates?: Coordinates, options?: GuideOptions): GuideFamily;
  /** A guide of the same parameters with heavier tails, for draws that are weighed, where it begins in coordinates. */
  proposal?(coordinates: Coordinates): GuideFamily;
  /** The option that its guide has. */
  readonly option?: keyof GuideOptions;
  /** The gradient estimator that trains it, of the bound; of another target, what is told of draws without derivatives. */
  readonly gradient: Gradient;
  /** What is made larger; the bound unless given. */
  readonly target?: <Data>(options: BoundOptions<Data>) => Objective;
  /** The strategy with `k` particles. */
  particles(k: number): Particles;
  /** How many particles, unless someone says otherwise. */
  readonly k: number;
  /** Whether discrete latents with finitely many values are summed out, or drawn as others are. */
  readonly sumsOut: boolean;
  /**
   * What the posterior is described by: draws from the guide, such draws weighted by the model, or weighted where the
   * joint ratios allow it (`canBeWeighed`) and as they are elsewhere.
   */
  readonly posterior: "guide" | "weighted" | "resampled";
  /** What the draws are weighted by, after training with `k` particles; `particles` unless given. */
  weighing?(k: number): Particles;
  /** Ascents that look for where the guide begins; 1 unless given. */
  readonly paths?: number;
  /** What it needs of the options and the model; nothing unless given. */
  readonly requires?: readonly MethodNeed[];
  /** How many steps, unless someone says otherwise; 5000 unless given. */
  readonly steps?: number;
  /** Whether it takes all its steps, at rates that fall from step to step: for guides whose parameters do not come to rest. */
  readonly takesAllSteps?: true;
  /** Of a guide that is given by moments: their rule of so many steps, from a rate if someone says one. */
  moments?(steps: number, rate?: number): Optimiser;
}

/** A search for the mode of the unconstrained log density. */
export interface DensityMethod {
  /** In one line, for help and tables. */
  readonly about: string;
  /** What the posterior is described by: the mode itself, or the Laplace approximation around it. */
  readonly posterior: "point" | "laplace";
  /** One: there are no particles. */
  readonly k: 1;
  /** What it needs of the options and the model; nothing unless given. */
  readonly requires?: readonly MethodNeed[];
}

/** A way to fit a model. */
export type Method = GuideMethod | DensityMethod;

/** Whether the log density is that of the unconstrained numbers, not that of the constrained values. */
export function hasJacobian(posterior: DensityMethod["posterior"]): boolean {
  return posterior === "laplace";
}

/** A joint normal in the coordinates of the posterior, across plates too; without them another family. */
const joined =
  (family: () => GuideFamily, acrossPlates = true) =>
  (coordinates?: Coordinates) =>
    alongChains(
      coordinates === undefined ? family() : joint({ coordinates, acrossPlates }),
      coordinates,
    );

/** As `joined`, of noise with heavy tails. */
const withTails = (acrossPlates: boolean) => (coordinates: Coordinates) =>
  alongChains(joint({ coordinates, acrossPlates, noise: heavyTails }), coordinates);

/** As `joined`, with elements of plates that are independent. */
const joinedApart = (family: () => GuideFamily) => joined(family, false);

/** Wide enough at the start to see where the weights are. */
const wide = { sd: 0.5 };

/** All latents together need many draws for weights near those of the posterior. */
const atLeast100 = (k: number) => global(Math.max(k, 100));

/** Of a guide that covers the posterior so many draws, of which ten are shown, have its moments to within their noise. */
const sets = () => global(200);

/** Numbers whose correlations a score function can train: its noise grows with how many parameters there are. */
const MOST_BY_SCORE = 30;

/** The share of the latest estimate in the averages of moments, at the start. */
export const AVERAGING_RATE = 0.1;
/** It falls so often, to a tenth. */
const FALLS = 10;

/** Exponential averages, over more and more steps. */
function averaging(steps: number, rate = AVERAGING_RATE): Optimiser {
  const every = Math.max(1, Math.ceil(steps / FALLS));
  return sgd(stepDecay(rate, { every, factor: 10 ** (-1 / (FALLS - 1)) }));
}

/** What guides have in common whose ELBO is averaged over draws, and whose draws are weighed where they can be. */
const RESAMPLED = {
  gradient: "path",
  sumsOut: true,
  particles: (k: number) => average(k),
  k: 10,
  posterior: "resampled",
  weighing: sets,
} as const;

/** The methods of `fit`, by name: one row each. */
export const METHODS = {
  vi: {
    about:
      "variational inference: one normal for all latents, with their correlations; K draws per step are averaged",
    guide: joined(() => meanField()),
    proposal: withTails(true),
    ...RESAMPLED,
  },
  lowrank: {
    about:
      "as vi, with fewer parameters: the correlations at the start stay, means and scales are trained; of more than 500 " +
      "numbers, correlations along the event axes of each latent, in two directions",
    guide: (coordinates) =>
      alongChains(
        coordinates?.factor === undefined
          ? lowRank()
          : joint({ coordinates, covariance: "diagonal", acrossPlates: true }),
        coordinates,
      ),
    ...RESAMPLED,
  },
  fullcov: {
    about:
      "as vi; where no normal can be found to start from, all correlations along the event axes of each latent",
    guide: joined(() => fullCovariance()),
    proposal: withTails(true),
    ...RESAMPLED,
  },
  structured: {
    about: "as vi, with each latent of a group given those that the model draws it from",
    guide: (coordinates) => alongChains(structured({ coordinates }), coordinates),
    proposal: (coordinates) =>
      alongChains(structured({ coordinates, noise: heavyTails }), coordinates),
    ...RESAMPLED,
  },
  vcd: {
    about:
      "variational contrastive divergence: one normal for all latents moves towards where Hamiltonian Monte Carlo takes its draws, " +
      "and covers more of the posterior than that of vi; of more than 30 numbers the correlations at the start stay",
    guide: (coordinates) => {
      const covariance = (coordinates?.dimension ?? 0) > MOST_BY_SCORE ? "diagonal" : "full";
      return alongChains(
        coordinates === undefined
          ? meanField()
          : joint({ coordinates, covariance, acrossPlates: true }),
        coordinates,
      );
    },
    takesAllSteps: true,
    steps: 2000,
    proposal: withTails(true),
    ...RESAMPLED,
    // Two trajectories long enough to be loops: programs that compile soon.
    target: (options) => vcd({ ...options, metric: "spread", iterations: 2, leapfrogs: 10 }),
    requires: [wholeData],
  },
  flow: {
    about:
      "as vi, the noise of all latents together being bent by a normalising flow: for posteriors that no normal is near to",
    guide: (coordinates, { flow: kind } = {}) =>
      alongChains(flow({ coordinates, acrossPlates: true, ...(kind && { kind }) })),
    option: "flow",
    takesAllSteps: true,
    steps: 3000,
    ...RESAMPLED,
  },
  mixture: {
    about:
      "a mixture of normals for all latents together, begun at the modes that ascents meet: for posteriors with several modes",
    guide: (coordinates, { components } = {}) =>
      alongChains(
        jointMixture({
          coordinates,
          acrossPlates: true,
          ...(components !== undefined && { components }),
        }),
      ),
    option: "components",
    ...RESAMPLED,
    particles: (k) => stratified(average(k)),
  },
  iwae: {
    about: "importance-weighted bound: K draws of all latents together",
    guide: joined(() => structured(wide)),
    proposal: withTails(true),
    gradient: "total",
    sumsOut: true,
    particles: global,
    k: 10,
    posterior: "weighted",
    requires: [wholeData],
    weighing: atLeast100,
  },
  rws: {
    about: "reweighted wake-sleep with K draws of all latents together; also for discrete latents",
    guide: joinedApart(() => structured(wide)),
    proposal: withTails(false),
    gradient: "wake",
    sumsOut: false,
    particles: global,
    k: 10,
    posterior: "weighted",
    requires: [wholeData],
    weighing: atLeast100,
  },
  mp: {
    about: "massively parallel bound: K draws of each latent, all K^n combinations weighted",
    guide: joinedApart(() => meanField(wide)),
    gradient: "total",
    sumsOut: true,
    particles: (k) => massivelyParallel(k, { groups: "plates" }),
    k: 10,
    posterior: "weighted",
    requires: [wholeData],
  },
  mprws: {
    about: "massively parallel reweighted wake-sleep; also for discrete latents",
    guide: joinedApart(() => meanField(wide)),
    gradient: "wake",
    sumsOut: false,
    particles: (k) => massivelyParallel(k, { groups: "plates" }),
    k: 10,
    posterior: "weighted",
    requires: [wholeData],
  },
  qem: {
    about:
      "massively parallel expectation maximisation: moments of the posterior are averaged, and guides in exponential families " +
      "follow in closed form; also for discrete latents",
    guide: (coordinates) => momentGuide({ coordinates }),
    gradient: "qem",
    sumsOut: false,
    particles: (k) => massivelyParallel(k, { groups: "plates" }),
    k: 10,
    posterior: "weighted",
    requires: [wholeData, averagingRule],
    steps: 1000,
    moments: averaging,
  },
  pathfinder: {
    about:
      "the best normal on four quasi-Newton ascents (Pathfinder), not trained; draws are resampled by importance weights",
    // Without coordinates it is refused.
    guide: (coordinates) =>
      alongChains(joint({ coordinates: coordinates as Coordinates }), coordinates),
    proposal: withTails(false),
    gradient: "none",
    sumsOut: true,
    particles: global,
    k: 10,
    posterior: "weighted",
    weighing: (k) => global(Math.max(k, 1000)),
    paths: 4,
    requires: [wholeData, normalNear],
    steps: 1,
  },
  map: {
    about: "the most probable values (maximum a posteriori), without uncertainty",
    k: 1,
    posterior: "point",
  },
  laplace: {
    about:
      "a normal at the mode, with the inverse of minus the Hessian of the log density there as covariance; its draws are " +
      "weighted by the density",
    k: 1,
    posterior: "laplace",
    requires: [wholeData],
  },
} satisfies Record<string, Method>;

/** A method of `fit`: a key of `METHODS`. */
export type MethodName = keyof typeof METHODS;

/** The gradient estimator of a method; where draws have no derivative, it names the methods that need none. */
export function estimatorOf(name: MethodName, { gradient }: GuideMethod): GradientEstimator {
  const estimator = gradientEstimator(gradient);
  return {
    ...estimator,
    requires: [
      (combination) => {
        const refusal = unmet(combination, estimator);
        const latent = refusal === undefined ? undefined : withoutDerivative(combination);
        if (latent === undefined) return refusal;
        const others = Object.entries<Method>(METHODS).filter(
          ([, method]) => "sumsOut" in method && !method.sumsOut,
        );
        return (
          `latent '${latent.name}': its draws have no derivative with respect to the parameters of the guide, ` +
          `which method ${name} needs: sum it out of the model, or choose method ` +
          others.map(([other]) => other).join(" or ")
        );
      },
    ],
  };
}

/** The methods, by what they need. */
const REQUIRING: readonly Requiring<FitOffer>[] = Object.entries<Method>(METHODS).map(
  ([name, { requires = [] }]) => ({ name, requires }),
);

/**
 * Refuses options that a method has no use for, and models that it cannot begin on.
 *
 * @throws SurmiseError saying what is missing, and which methods do without it.
 */
export function checkMethod(name: MethodName, offer: FitOffer): void {
  for (const each of REQUIRING) if (each.name === name) checkRequirements(offer, each, REQUIRING);
}
