/** Variational contrastive divergence, and Hoffman's method beside it: encoders whose draws are improved by HMC. */

import { overPlates } from "../../model/internal.ts";
import {
  ANYTHING,
  checkArguments,
  oneOf,
  optional,
  optionsWith,
  SurmiseError,
  stopGradient,
  type Tensor,
} from "../../tensor/internal.ts";
import { CONTROL, type Control } from "../gradient/control/control.ts";
import { leaveOneOut } from "../gradient/control/leaveOneOut.ts";
import { scalar } from "../gradient/control/scalar.ts";
import { type CarriedState, joinStates } from "../gradient/index.ts";
import { logPriors } from "../logWeight/priors.ts";
import type { Objective } from "../process/training.ts";
import { HMC_OPTIONS } from "../refinement/hmc.ts";
import {
  REFINING_METRICS,
  type Refined,
  type RefineOptions,
  refine,
} from "../refinement/refine.ts";
import {
  averagedDraws,
  continuous,
  reparameterised,
  type Target,
} from "../requirements/combination.ts";
import { checkRequirements } from "../requirements/requirement.ts";
import { averaged, BOUND_OPTIONS, type BoundOptions } from "./bound.ts";

/** The divergence as a target. */
export const VCD: Target = {
  name: "vcd",
  about: "draws of the guide are improved by HMC, and the guide moves towards what they become",
  source: "Ruiz and Titsias, ICML 2019",
  requires: [continuous, reparameterised, averagedDraws],
};

/** Hoffman's method as a target. */
export const HOFFMAN: Target = {
  ...VCD,
  name: "hoffman",
  about: "p moves at draws of the guide that are improved by HMC, the guide by the ELBO",
  source: "Hoffman, ICML 2017",
};

/** What the divergence is made of. */
export interface VcdOptions<Data> extends RefineOptions<Data> {
  /** Of the score function; `controls.scalar` unless given, or, where several draws are averaged, `controls.leaveOneOut`. */
  readonly control?: Control;
}

/** What the entries of the options of both must be: those of a bound too, which a target of `fit` is given. */
const REFINED = {
  ...BOUND_OPTIONS,
  ...HMC_OPTIONS,
  stepSize: ANYTHING,
  metric: optional(oneOf(...Object.keys(REFINING_METRICS))),
};
const OPTIONS = optionsWith<BoundOptions<unknown> & RefineOptions<unknown>>(REFINED);
const VCD_OPTIONS = optionsWith<BoundOptions<unknown> & VcdOptions<unknown>>({
  ...REFINED,
  control: optional(CONTROL),
});

/**
 * The variational contrastive divergence (Ruiz and Titsias, ICML 2019). A draw z_0 of the guide q is improved to z_t by
 * Hamiltonian Monte Carlo, and with f(z) = log p(x, z) - log q(z)
 *
 *     L = KL(q || p) - KL(q_t || p) + KL(q_t || q) = E[f(z_t)] - E[f(z_0)] >= 0
 *
 * is made smaller by q, whose gradient has three parts, z_t being held constant (their equation 12):
 *
 *     -d f(z_0) / d q  -  d log q(z_t) / d q  +  (f(z_t) - c) d log q(z_0) / d q,
 *
 * c a control variate; p moves by d log p(x, z_t) / d p. Its value is the ELBO of q, log p(x, z_0) - log q(z_0); its
 * metrics are `divergence`, an estimate of L summed over all data in nats, `acceptance` and `stepSize`.
 *
 * Each element of the plates that all sites share has a chain of its own; latents in other plates move together, in one
 * chain. Discrete latents that the guide has not are summed out. Of a guide that is a mixture there is a chain from each
 * component, and the expectations are taken with the weights, which move too.
 *
 * @throws SurmiseError as `refine` does.
 *
 * @example training({ objective: (_, key) => vcd({ model, guide, data, key, parameters }), ... })
 */
export function vcd<Data>(options: VcdOptions<Data>): Objective {
  checkArguments("vcd", { options }, VCD_OPTIONS);
  refuseIdle(options, VCD);
  const refined = refine(options, VCD);
  const { draws, improved, fixedLogJoint, logJoint, logGuide } = refined;
  const start = draws.map(stopGradient);
  const elbo = fixedLogJoint(draws).sub(logGuide(draws));
  const f = stopGradient(logJoint(improved).sub(logGuide(improved)));
  const { value: signal, state } = controlled(f, refined, options.control);
  const score = stopGradient(signal).mul(logGuide(start));
  const rest = logGuide(improved).sub(score).add(logJoint(improved));
  return objectiveOf(options, refined, { elbo, rest, f, state });
}

/**
 * Hoffman's method (ICML 2017): p moves by d log p(x, z_t) / d p at draws that were improved by Hamiltonian Monte
 * Carlo, q by the ELBO at the draws themselves. Its value and metrics are those of `vcd`.
 *
 * @throws SurmiseError as `refine` does.
 */
export function hoffman<Data>(options: RefineOptions<Data>): Objective {
  checkArguments("hoffman", { options }, OPTIONS);
  refuseIdle(options, HOFFMAN);
  const refined = refine(options, HOFFMAN);
  const { draws, improved, fixedLogJoint, logJoint, logGuide } = refined;
  const elbo = fixedLogJoint(draws).sub(logGuide(draws));
  const f = stopGradient(logJoint(improved).sub(logGuide(improved)));
  return objectiveOf(options, refined, { elbo, rest: logJoint(improved), f });
}

/** What a bound is told, and a divergence that has its own gradient is not. */
const IDLE = ["gradient", "kl", "alpha", "beta"] as const;

function refuseIdle(options: Partial<BoundOptions<never>> | object, { name }: Target): void {
  const given = IDLE.find(
    (choice) => (options as Partial<BoundOptions<never>>)[choice] !== undefined,
  );
  if (given === undefined) return;
  throw new SurmiseError(
    `${name}: ${given} is for a bound, and of no use here, where the gradient is that of the divergence: leave it out`,
  );
}

/** f(z_t) with the control variate taken off. */
function controlled(f: Tensor, { traces, plates, averages }: Refined, given?: Control) {
  const [latent] = traces.guide.latents;
  const isAveraged = averages.some(({ axis, logWeights }) => axis.size > 1 && !logWeights);
  const control = given ?? (isAveraged ? leaveOneOut : scalar);
  checkRequirements(traces, { name: VCD.name, requires: control.requires ?? [] });
  return control.apply({
    latent: { ...latent, name: "divergence", plates },
    value: f,
    estimate: { averages: averages.map(({ axis }) => axis), steps: [] },
  });
}

interface Parts {
  /** f(z_0), with its derivative by q. */
  readonly elbo: Tensor;
  /** What else q and p move by. */
  readonly rest: Tensor;
  /** f(z_t). */
  readonly f: Tensor;
  readonly state?: CarriedState | undefined;
}

/** The objective whose value is the ELBO, and whose derivative is that of the ELBO and the rest. */
function objectiveOf<Data>(
  { parameters }: RefineOptions<Data>,
  { traces: { model, guide }, averages, plates, state: chains, metrics }: Refined,
  { elbo, rest, f, state }: Parts,
): Objective {
  const priors = logPriors([model, guide], parameters);
  /** The expectation under q over all elements; with fixed weights, that of a score function. */
  const expected = (x: Tensor, weightOf: (logWeights: Tensor) => Tensor = stopGradient) => {
    const weighted = averages.map(({ axis, logWeights }) => ({
      axis,
      ...(logWeights && { logWeights: weightOf(logWeights) }),
    }));
    return overPlates(averaged(x, weighted), plates);
  };
  const others = expected(rest);
  const value = expected(elbo, (logWeights) => logWeights).add(others.sub(stopGradient(others)));
  const sites = { elbo: value, ...priors };
  return {
    bound: Object.values(sites).reduce((a, b) => a.add(b)),
    sites,
    state: joinStates(chains, state),
    metrics: { ...metrics, divergence: expected(f.sub(stopGradient(elbo))) },
  };
}
