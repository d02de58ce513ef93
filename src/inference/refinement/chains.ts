/** Chains of the posterior that are kept from step to step, one for each element of a plate. */
import { constant, fold, input, type Tensor } from "../../tensor/internal.ts";
import type { CarriedState } from "../gradient/index.ts";
import { single } from "../proposal/particles.ts";
import { type ModelAndGuideTraces, traceModelAndGuide } from "../proposal/traces.ts";
import { continuous } from "../requirements/combination.ts";
import { checkRequirements } from "../requirements/requirement.ts";
import { type ElementDensities, elementDensities, type Values } from "./elements.ts";
import { moveByHmc } from "./hmc.ts";
import { type RefineOptions, STEP_SIZE } from "./refine.ts";

/** Where chains are, and where a step takes them. */
export interface PosteriorChains extends ElementDensities {
  /** The traces of the two. */
  readonly traces: ModelAndGuideTraces;
  /** The inputs that hold the unconstrained numbers of each latent, `NAME#position`. */
  readonly positions: Values;
  /** The values of the latents there. */
  readonly values: Values;
  /** Positions, without values before the first step, and the step size. */
  readonly state: CarriedState;
  /** The share of proposals that were accepted: a float64 scalar. */
  readonly acceptance: Tensor;
}

/**
 * A chain for each element of the plates that all sites share, that has the posterior as its equilibrium; the guide
 * says what the latents are, and may be used to begin. A step makes `iterations` trajectories.
 *
 * @throws SurmiseError naming the site if the guide has a discrete latent, or a plate that not all sites share holds a
 * minibatch.
 */
export function posteriorChains<Data>(options: RefineOptions<Data>, who: string): PosteriorChains {
  const { key, stepSize = 0.05 } = options;
  const traces = traceModelAndGuide(options, single());
  checkRequirements(traces, { name: who, requires: [continuous] });
  const densities = elementDensities(traces, who);
  const { draws, elements, unconstrain, constrain, logDensity } = densities;
  const { latents } = traces.guide;
  const positions = unconstrain(draws).map(({ axes, dtype }, i) =>
    input(`${latents[i].name}#position`, axes, dtype),
  );
  const size = input(STEP_SIZE, [], "float64");
  const chains = { position: positions, stepSize: size, elements };
  const moved = moveByHmc(chains, logDensity, fold(key, "chains"), options);
  return {
    ...densities,
    ...{ traces, positions, values: constrain(positions) },
    state: {
      initial: { [STEP_SIZE]: constant(stepSize, "float64") },
      updates: [
        ...positions.map((at, i) => [at, moved.position[i]] as const),
        [size, moved.stepSize],
      ],
    },
    acceptance: moved.accepted,
  };
}
