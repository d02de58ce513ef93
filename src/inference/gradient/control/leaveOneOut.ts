import {
  type Axis,
  axis,
  index,
  logMeanExp,
  rename,
  select,
  stopGradient,
  sum,
  type Tensor,
} from "../../../tensor/internal.ts";
import type { EliminationStep } from "../../elimination/eliminate.ts";
import type { Need } from "../../requirements/combination.ts";
import { learningSignal } from "../learningSignal.ts";
import type { Control, LearningSignal } from "./control.ts";

/** Several draws of each latent, particles on one axis or averages, whose weights are not powered. */
const severalDraws: Need = ({ guide, particles, alpha = 0 }) => {
  if (alpha !== 0) {
    return `gradient: "scoreLeaveOneOut" is for alpha 0: use "scoreScalar" with alpha ${alpha}`;
  }
  const weighed = particles.filter(({ kind }) => kind === "importance");
  const several = particles.filter(({ axis }) => axis.size > 1);
  if (weighed.length <= 1 && several.length > 0) {
    const once = guide.latents.find(({ name }) =>
      several.every(({ latents }) => !latents.includes(name)),
    );
    if (once === undefined) return undefined;
    return (
      `latent '${once.name}': it is drawn once, so that no other draw says what its own is compared with, as gradient: ` +
      '"scoreLeaveOneOut" needs of each latent: use particles.global, or particles.average with at least 2 around these ' +
      'particles, or "scoreScalar"'
    );
  }
  return (
    'gradient: "scoreLeaveOneOut" needs several particles on one axis that all latents share, or averages: use ' +
    'particles.global or particles.average with at least 2, or "scoreScalar"'
  );
};

/**
 * What the other draws say. With K weighted particles (VIMCO: Mnih and Rezende, ICML 2016, equation 10) a
 * particle's signal is how much larger the bound is than with its weight replaced by the geometric mean of the
 * others',
 *
 *     log 1/K sum_j w_j - log 1/K (sum_{j != k} w_j + exp(mean_{j != k} log w_j)),
 *
 * and with averages the mean of the others' signals is taken off (Kool, van Hoof and Welling, 2019). It carries
 * no state.
 */
export const leaveOneOut: Control = {
  name: "LeaveOneOut",
  about: "the score function, with what the other particles say as control variate (VIMCO)",
  source: "Mnih and Rezende, ICML 2016",
  requires: [severalDraws],
  apply: (signal) => {
    const { latent, estimate } = signal;
    const own = estimate.steps.filter(({ axis }) => latent.value.has(axis));
    return { value: own.length > 0 ? amongParticles(signal, own) : amongAverages(signal) };
  },
};

function amongParticles({ latent }: LearningSignal, steps: readonly EliminationStep[]) {
  const without = steps.map(({ axis: particle, factors, plates }) => ({
    value: gainOf(
      factors.reduce((a, b) => a.add(b)),
      particle,
    ),
    plates,
  }));
  return learningSignal(latent, without);
}

/** How much larger the log mean exp along `particle` is for each particle, in nats. */
function gainOf(logWeight: Tensor, particle: Axis): Tensor {
  const others = axis(`other ${particle.name}`, particle.size);
  const w = stopGradient(logWeight);
  const meanOfOthers = sum(w, particle)
    .sub(w)
    .div(Math.max(1, particle.size - 1));
  const replaced = select(
    index(others).eq(index(particle)),
    meanOfOthers,
    rename(w, particle, others),
  );
  return logMeanExp(w, particle).sub(logMeanExp(replaced, others));
}

function amongAverages({ value, estimate }: LearningSignal): Tensor {
  return estimate.averages
    .filter((a) => value.has(a) && a.size > 1)
    .reduce((signal, a) => {
      const others = sum(signal, a)
        .sub(signal)
        .div(a.size - 1);
      return signal.sub(others);
    }, value);
}
