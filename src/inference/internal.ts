/** What other rooms use of inference, beside what users see (`index.ts`). */

export { broadcast } from "../runtime/internal.ts";
export { type Initialisation, traceAtPriors } from "./density/initialisation.ts";
export { type LaplaceApproximation, laplaceApproximation } from "./density/laplace.ts";
export { checkedMode, densityObjective, reached } from "./density/modes/mode.ts";
export { type EliminationStep, eliminate } from "./elimination/eliminate.ts";
export { describeNotFinite, summarising } from "./evaluation/summary.ts";
export { defaultSteps, stepsOf } from "./fitting/options.ts";
export { prepare } from "./fitting/prepare.ts";
export type { Prepared } from "./fitting/prepared.ts";
export { fallingRate, guideAdam } from "./guides/fallingAdam.ts";
export { FLOWS } from "./guides/flows/flow.ts";
export * from "./index.ts";
export type { ConstraintCheck } from "./logWeight/constraints.ts";
export { type Factor, factorsOf } from "./logWeight/factors.ts";
export { type LogWeight, logWeightPerElement, sumOverPlates } from "./logWeight/weights.ts";
export {
  ANNEALERS,
  ANNEALING,
  type AnnealerName,
  annealingWarnings,
  type PreparedAnnealing,
  prepareAnnealing,
} from "./mcmc/annealing.ts";
export { METRICS } from "./mcmc/metrics/index.ts";
export { isStart } from "./mcmc/start.ts";
export { AVERAGING_RATE } from "./methods.ts";
export { checkDrawsFit } from "./posterior/drawsMemory.ts";
export { type DrawPosteriorOptions, drawPosterior } from "./posterior/posteriorDraws.ts";
export { traceUnknown } from "./predictive/observations.ts";
export { leaveOneOutAndPit } from "./predictive/pit.ts";
export { STEP } from "./process/algorithm.ts";
export { nextTurn } from "./process/loop.ts";
export {
  allFinite,
  compileAlgorithm,
  parametersIn,
  writeSeed,
  writeState,
} from "./process/state.ts";
export {
  average,
  global,
  type LatentSite,
  local,
  massivelyParallel,
  type StrategyAxis,
  single,
} from "./proposal/particles.ts";
export {
  type ModelAndGuideTraces,
  type ParticleAxis,
  traceModelAndGuide,
} from "./proposal/traces.ts";
export { type PosteriorChains, posteriorChains } from "./refinement/chains.ts";
export { moveByHmc } from "./refinement/hmc.ts";
export { leapfrog, type Phase } from "./refinement/leapfrog.ts";
export { type Refined, refine } from "./refinement/refine.ts";
export { unmet } from "./requirements/requirement.ts";
export { DRAWS, MOST_DRAWS } from "./sampling/options.ts";
export { type PreparedChains, prepareChains } from "./sampling/sample.ts";
export { inverseNormal } from "./statistics/inverseNormal.ts";
export { MOST_RELIABLE_K } from "./statistics/psis.ts";
export { TARGETS } from "./target/index.ts";
export { VCD } from "./target/vcd.ts";
