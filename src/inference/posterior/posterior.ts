/**
 * What weighted draws say about the posterior. Nothing here walks through the model again: weights are
 * derivatives of the log evidence estimate with respect to source terms, log factors of zero that are
 * added to it (Heap, Leech and Aitchison, UAI 2023), and joint draws follow the steps of the elimination
 * backwards.
 */
import type { Latent } from "../../model/index.ts";
import {
  AXIS,
  type Axis,
  cast,
  checkArguments,
  constant,
  FUNCTION,
  KEY,
  type Key,
  mean,
  optionsWith,
  SurmiseError,
  square,
  sum,
  type Tensor,
} from "../../tensor/internal.ts";
import { drawCombinations, selectParticles } from "../elimination/ancestral.ts";
import {
  ELIMINATION_OPTIONS,
  type EliminationOptions,
  eliminate,
} from "../elimination/eliminate.ts";
import { enumerateValues } from "../elimination/enumerate.ts";
import { particleWeights } from "../elimination/particleWeights.ts";
import { sumOut } from "../elimination/summedOut.ts";
import { factorsOf } from "../logWeight/factors.ts";
import { PARTICLES, type Particles } from "../proposal/particles.ts";
import {
  MODEL_AND_GUIDE,
  type ModelAndGuide,
  type ModelAndGuideTraces,
  traceModelAndGuide,
} from "../proposal/traces.ts";

/** A model and a guide, and how many particles its draws are weighed with. */
export interface PosteriorOptions<Data> extends ModelAndGuide<Data>, EliminationOptions {
  /** The particle strategy: `particles.global(k)`, `particles.massivelyParallel(k)`, ... */
  readonly particles: Particles;
}

/** What an argument that is `PosteriorOptions` must be. */
const OPTIONS = optionsWith<PosteriorOptions<unknown>>({
  ...MODEL_AND_GUIDE,
  ...ELIMINATION_OPTIONS,
  particles: PARTICLES,
});

/** Weighted draws from the guide. All results are float64 and keep the plates of their latents. */
export interface Posterior {
  /**
   * The posterior probabilities of the particles of the named latents, jointly: over their importance
   * axes, along which they sum to one, and their plates.
   *
   * @throws SurmiseError if there is no such latent, or their plates cross.
   */
  weights(...names: readonly string[]): Tensor;
  /** E[f(values of the named latents)] under the posterior; `f` leaves the particle axes alone. */
  expectation(f: (...values: Tensor[]) => Tensor, ...names: readonly string[]): Tensor;
  /** E[z]; over the plates and event axes of the latent. */
  mean(name: string): Tensor;
  /** E[(z - E[z])^2]; over the plates and event axes of the latent. */
  variance(name: string): Tensor;
  /** 1 / sum_k w_k^2 of the weights of a latent (Kish): at most its number of particles. */
  effectiveSampleSize(name: string): Tensor;
  /**
   * Joint draws from the weighted combinations of particles, along the axis `to`: the latents by name. A
   * latent of which there was only one draw lacks `to`.
   */
  draws(to: Axis, key: Key): Readonly<Record<string, Tensor>>;
}

/**
 * Draws from the guide, weighted by the model.
 *
 * @throws SurmiseError if model and guide do not fit together, or an elimination is refused.
 */
export function posterior<Data>(options: PosteriorOptions<Data>): Posterior {
  checkArguments("posterior", { options }, OPTIONS);
  const traces = traceModelAndGuide(options, options.particles);
  const factorsOfSites = sumOut(traces.enumeration, factorsOf(traces), options);
  const { factors, particles } = enumerateValues(factorsOfSites, traces);
  const over = (kind: "importance" | "average", reduce: typeof sum) => (x: Tensor) => {
    const axes = traces.particles.filter(
      (particle) => particle.kind === kind && x.has(particle.axis),
    );
    return axes.length === 0 ? x : reduce(x, ...axes.map(({ axis }) => axis));
  };
  const combined = over("importance", sum);
  const averaged = over("average", mean);

  const weights = (...names: readonly string[]): Tensor => {
    if (names.length === 0)
      throw new SurmiseError("posterior: the weights of which latents? Name one at least");
    const latents = names.map((name) => latentOf(traces, name));
    return particleWeights(latents, factors, particles, options);
  };
  const expectation: Posterior["expectation"] = (f, ...names) => {
    checkArguments("expectation", { f }, FUNCTION);
    const values = names.map((name) => cast(latentOf(traces, name).value, "float64"));
    return averaged(combined(weights(...names).mul(f(...values))));
  };
  return {
    weights,
    expectation,
    mean: (name) => expectation((z) => z, name),
    variance: (name) => {
      const centre = expectation((z) => z, name);
      return expectation((z) => square(z.sub(centre)), name);
    },
    effectiveSampleSize: (name) => {
      return constant(1, "float64").div(combined(square(weights(name))));
    },
    draws: (to, key) => {
      checkArguments("draws", { to }, AXIS);
      checkArguments("draws", { key }, KEY);
      const { steps } = eliminate(factors, particles, { ...options, chains: "sequential" });
      const chosen = drawCombinations(steps, to, key);
      return Object.fromEntries(
        traces.guide.latents.map(({ name }) => {
          return [name, selectParticles(latentOf(traces, name).value, chosen)];
        }),
      );
    },
  };
}

function latentOf({ model, guide }: ModelAndGuideTraces, name: string): Latent {
  const found = guide.latents.some((latent) => latent.name === name)
    ? model.latents.find((latent) => latent.name === name)
    : undefined;
  if (found !== undefined) return found;
  const known = guide.latents.map((latent) => `'${latent.name}'`).join(", ") || "none";
  throw new SurmiseError(`posterior: there is no latent '${name}'; the latents are: ${known}`);
}
