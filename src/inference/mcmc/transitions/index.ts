/** The samplers, by name: one row each. */

import type { Metric } from "../metrics/metric.ts";
import { Hmc } from "./hmc.ts";
import { RandomWalkMetropolis } from "./metropolis.ts";
import { Nuts } from "./nuts.ts";
import type { Target } from "./point.ts";
import type { Transition } from "./transition.ts";

/** What some samplers want to know besides. */
export interface TransitionOptions {
  /** The most doublings of a trajectory. */
  readonly maxDepth: number;
}

/** A sampler. */
export interface Sampler {
  /** In one line, for help and tables. */
  readonly about: string;
  /** The mean acceptance that its step size is adapted to. */
  readonly targetAccept: number;
  /** What it is adapted to instead, rung by rung, where transitions of warm-up diverge; as before unless given. */
  readonly cautiousAccept?: readonly number[];
  /** Whether discrete latents are held at values, which Gibbs steps change, rather than summed out; not unless given. */
  readonly holdsDiscrete?: boolean;
  /** Its transition. */
  transition(target: Target, metric: Metric, options: TransitionOptions): Transition;
}

/** The No-U-Turn sampler. */
const NUTS = {
  // Above Stan's 0.8, so that the non-centred eight schools pass `npm run test:long -- test/inference/mcmc/posteriordb`,
  // which lets 0.1 % of draws diverge.
  targetAccept: 0.85,
  // On the way to what users of Stan are told to try where draws diverge ("Runtime warnings and convergence problems").
  cautiousAccept: [0.9, 0.95, 0.99],
  transition: (target, metric, { maxDepth }) => new Nuts(target, metric, maxDepth),
} satisfies Omit<Sampler, "about">;

/** The samplers. */
export const SAMPLERS = {
  nuts: {
    ...NUTS,
    about: "Hamiltonian Monte Carlo whose trajectories end before they turn back (NUTS)",
  },
  gibbs: {
    ...NUTS,
    about:
      "NUTS for continuous latents in turn with Gibbs steps for discrete ones, which are not summed out: also for counts " +
      "without end",
    holdsDiscrete: true,
  },
  hmc: {
    about: "Hamiltonian Monte Carlo with trajectories of random length",
    targetAccept: 0.8,
    transition: (target, metric) => new Hmc(target, metric, Math.PI),
  },
  mala: {
    about: "Metropolis-adjusted Langevin algorithm: one step along the gradient",
    targetAccept: 0.574,
    transition: (target, metric) => new Hmc(target, metric, 0),
  },
  rwm: {
    about: "random-walk Metropolis: steps that know no gradient",
    targetAccept: 0.234,
    transition: (target, metric) => new RandomWalkMetropolis(target, metric),
  },
} satisfies Record<string, Sampler>;

/** A key of `SAMPLERS`. */
export type SamplerName = keyof typeof SAMPLERS;
