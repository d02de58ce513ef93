/** Draws of a guide that are improved by a few steps of Hamiltonian Monte Carlo. */
import {
  constant,
  fold,
  input,
  realNumber,
  stopGradient,
  type Tensor,
} from "../../tensor/internal.ts";
import type { CarriedState } from "../gradient/index.ts";
import { stratified } from "../proposal/particles.ts";
import {
  type ModelAndGuide,
  type ModelAndGuideTraces,
  type ParticleAxis,
  traceModelAndGuide,
} from "../proposal/traces.ts";
import type { Target } from "../requirements/combination.ts";
import { checkRequirements } from "../requirements/requirement.ts";
import { type ElementDensities, elementDensities, type Values } from "./elements.ts";
import { type HmcOptions, moveByHmc } from "./hmc.ts";

/** A model, its guide and data, and the chains that improve its draws. */
export interface RefineOptions<Data> extends ModelAndGuide<Data>, HmcOptions {
  /** The step size at the start, on the unconstrained scale; 0.05 unless given. It is adapted while training. */
  readonly stepSize?: number;
}

/** Draws z_0 of the guide, and z_t, what they were improved to. */
export interface Refined extends ElementDensities {
  /** The traces of the two. */
  readonly traces: ModelAndGuideTraces;
  /** Of a guide that is a mixture: the axes of its components, from each of which there is a draw. */
  readonly strata: readonly ParticleAxis[];
  /** z_t, without derivative. */
  readonly improved: Values;
  /** The step size, carried from step to step. */
  readonly state: CarriedState;
  /** `acceptance`, the share of proposals that were accepted, and `stepSize`: float64 scalars. */
  readonly metrics: { readonly acceptance: Tensor; readonly stepSize: Tensor };
}

/** The name of the input that holds the step size: a float64 scalar. */
export const STEP_SIZE = "#stepSize";

/**
 * A draw of the guide for each element of its plates, of a mixture one from each component, and where a chain of its own
 * takes it, that has the posterior as its equilibrium.
 *
 * @throws SurmiseError if model and guide do not fit together, or lack what the target requires.
 */
export function refine<Data>(options: RefineOptions<Data>, target: Target): Refined {
  const { key, stepSize = 0.05 } = options;
  realNumber(`${target.name}: stepSize`, stepSize, { above: 0 });
  const traces = traceModelAndGuide(options, stratified());
  checkRequirements(traces, target);
  const densities = elementDensities(traces);
  const strata = traces.particles;
  const elements = [...strata.map(({ axis }) => axis), ...densities.elements];
  const { draws, unconstrain, constrain, logDensity } = densities;
  const size = input(STEP_SIZE, [], "float64");
  const moved = moveByHmc(
    { position: unconstrain(draws.map(stopGradient)), stepSize: size, elements },
    logDensity,
    fold(key, "refine"),
    options,
  );
  return {
    ...densities,
    ...{ traces, strata },
    improved: constrain(moved.position).map(stopGradient),
    state: {
      initial: { [STEP_SIZE]: constant(stepSize, "float64") },
      updates: [[size, moved.stepSize]],
    },
    metrics: { acceptance: moved.accepted, stepSize: size },
  };
}
