/** Draws of a guide that are improved by a few steps of Hamiltonian Monte Carlo. */
import {
  constant,
  fold,
  input,
  realNumber,
  stopGradient,
  type Tensor,
} from "../../tensor/internal.ts";
import type { EliminationOptions } from "../elimination/eliminate.ts";
import { type CarriedState, joinStates } from "../gradient/index.ts";
import { type Particles, stratified } from "../proposal/particles.ts";
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
import { spreadOf } from "./spread.ts";

/** A model, its guide and data, and the chains that improve its draws. */
export interface RefineOptions<Data> extends ModelAndGuide<Data>, EliminationOptions, HmcOptions {
  /** The step size at the start, on the unconstrained scale; 0.05 unless given. It is adapted while training. */
  readonly stepSize?: number;
  /** Draws of the guide, each with a chain, that are averaged; `particles.single()` unless given. */
  readonly particles?: Particles;
  /** What lengths are measured in: a key of `REFINING_METRICS`; `unit` unless given. */
  readonly metric?: RefiningMetric;
}

/** The mass matrices of chains that improve draws. */
export const REFINING_METRICS = {
  unit: "the unconstrained scale",
  spread: "the standard deviations of the draws of the guide, which are learnt while it is trained",
} as const;

/** A key of `REFINING_METRICS`. */
export type RefiningMetric = keyof typeof REFINING_METRICS;

/** Draws z_0 of the guide, and z_t, what they were improved to. */
export interface Refined extends ElementDensities {
  /** The traces of the two. */
  readonly traces: ModelAndGuideTraces;
  /** The axes that draws are averaged along; of a guide that is a mixture its components too, each with a draw. */
  readonly averages: readonly ParticleAxis[];
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
 * A draw of the guide for each element of the plates that all sites share, of a mixture one from each component, and where a
 * chain of its own takes it, that has the posterior as its equilibrium. Latents in other plates move together, in one chain.
 *
 * @throws SurmiseError if model and guide do not fit together, or lack what the target requires.
 */
export function refine<Data>(options: RefineOptions<Data>, target: Target): Refined {
  const { key, stepSize = 0.05, metric = "unit" } = options;
  realNumber(`${target.name}: stepSize`, stepSize, { above: 0 });
  const traces = traceModelAndGuide(options, stratified(options.particles));
  checkRequirements(traces, target);
  const densities = elementDensities(traces, target.name, options);
  const averages = traces.particles;
  const elements = [...averages.map(({ axis }) => axis), ...densities.elements];
  const { draws, unconstrain, constrain, logDensity } = densities;
  const start = unconstrain(draws.map(stopGradient));
  const names = traces.guide.latents.map(({ name }) => name);
  const spread = metric === "unit" ? undefined : spreadOf(start, names, averages, densities.plates);
  const inUnits = (x: Tensor, i: number) => (spread === undefined ? x : x.div(spread.scales[i]));
  const outOfUnits = (x: Tensor, i: number) => (spread === undefined ? x : x.mul(spread.scales[i]));
  const size = input(STEP_SIZE, [], "float64");
  const moved = moveByHmc(
    { position: start.map(inUnits), stepSize: size, elements },
    (position) => logDensity(position.map(outOfUnits)),
    fold(key, "refine"),
    options,
  );
  const stepping: CarriedState = {
    initial: { [STEP_SIZE]: constant(stepSize, "float64") },
    updates: [[size, moved.stepSize]],
  };
  return {
    ...densities,
    ...{ traces, averages },
    improved: constrain(moved.position.map(outOfUnits)).map(stopGradient),
    state: joinStates(stepping, spread?.state),
    metrics: { acceptance: moved.accepted, stepSize: size },
  };
}
