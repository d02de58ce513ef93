import {
  type Interpretation,
  type Model,
  type ParamStore,
  type ParentLink,
  replay,
  type Trace,
  trace,
} from "../../model/internal.ts";
import {
  ANYTHING,
  type Axis,
  FUNCTION,
  KEY,
  type Key,
  objectWith,
  SurmiseError,
  type Tensor,
} from "../../tensor/internal.ts";
import { particleDraws } from "./draws.ts";
import { Enumeration } from "./enumeration.ts";
import type { Particles, StrategyAxis } from "./particles.ts";

/** A model p, a posterior approximation q of its latents, and what both are given. */
export interface ModelAndGuide<Data> {
  /** The model p. */
  readonly model: Model<Data, unknown>;
  /** The guide: its latents are the model's, by name. */
  readonly guide: Model<Data, unknown>;
  /** What both are called with. */
  readonly data: Data;
  /** Of this run of the two: fold the step into it. */
  readonly key: Key;
  /** The store that they share. */
  readonly parameters: ParamStore;
}

/** What the entries of `ModelAndGuide` must be. */
export const MODEL_AND_GUIDE = {
  model: FUNCTION,
  guide: FUNCTION,
  data: ANYTHING,
  key: KEY,
  parameters: objectWith({ list: FUNCTION, declare: FUNCTION }),
};

/** The trace of the guide, that of the model with the guide's draws in it, and their particle axes. */
export interface ModelAndGuideTraces {
  /** The trace of the model, its latents replaced by the draws of the guide. */
  readonly model: Trace;
  /** The trace of the guide. */
  readonly guide: Trace;
  /** The particle axes of the guide's draws, in the order of the draws. */
  readonly particles: readonly ParticleAxis[];
  /** The discrete latents of the model that the guide has not: they are summed out. */
  readonly enumeration: Enumeration;
}

/** A particle axis of the guide's draws, and the latents that were drawn along it. */
export interface ParticleAxis extends StrategyAxis {
  /** Their names. */
  readonly latents: readonly string[];
  /**
   * For a discrete latent alone on its axis, an axis of its values that factors may vary along in the
   * place of the particles, and the int32 place on it of each particle.
   */
  readonly values?: { readonly axis: Axis; readonly at: Tensor };
  /** For latents in a chain, unless steps are paired particle by particle. */
  readonly link?: ChainLink;
}

/** The axes of the particles of a step and of the step before, along the axis `chain`. */
export interface ChainLink extends ParentLink {
  /** The axis of the chain. */
  readonly chain: Axis;
}

/**
 * The guide's draws along their particle axes, and the model run on them. What others see of a draw is
 * `seen(draw)`, such as the draw without its derivative; so it is with the weights of components.
 *
 * @throws SurmiseError if a latent is missing in one of the two, or stands in other plates, has other
 * event axes, or another kind of values; or the particle strategy names a latent that there is not.
 */
export function traceModelAndGuide<Data>(
  pair: ModelAndGuide<Data>,
  particles: Particles,
  seen: (draw: Tensor) => Tensor = (draw) => draw,
): ModelAndGuideTraces {
  const { data, parameters } = pair;
  const draws = particleDraws(pair.key, particles);
  const interpretation: Interpretation = (statement) => {
    const drawn = draws(statement);
    return { ...drawn, value: seen(drawn.value) };
  };
  const guide = trace(pair.guide, data, interpretation, parameters);
  const enumeration = new Enumeration();
  const missing: Interpretation = (statement) =>
    enumeration.assign(statement) ?? refuseMissing(statement);
  const model = trace(pair.model, data, replay(guide, missing), parameters);
  checkGuide(guide, model);
  checkNames(particles, guide);
  const axes = particleAxesOf(guide, model, particles, seen);
  return { model, guide, particles: axes, enumeration };
}

function particleAxesOf(
  guide: Trace,
  model: Trace,
  particles: Particles,
  seen: (x: Tensor) => Tensor,
): readonly ParticleAxis[] {
  const found = new Map<Axis, ParticleAxis>();
  const chains = new Map(model.latents.map(({ name, steps }) => [name, steps?.axis]));
  for (const latent of guide.latents) {
    const chain = chains.get(latent.name) ?? latent.steps?.axis;
    for (const own of particles.axesOf(latent)) {
      const known = found.get(own.axis);
      const link = own.previous && chain && { chain, own: own.axis, previous: own.previous };
      if (own.previous && known && known.link?.chain !== chain) {
        refuseGroup([...known.latents, latent.name]);
      }
      const latents = [...(known?.latents ?? []), latent.name];
      const { axis, kind, logWeights } = own;
      found.set(axis, {
        ...{ axis, kind, latents },
        ...(link && { link }),
        ...(logWeights && { logWeights: seen(logWeights) }),
      });
    }
  }
  return [...found.values()];
}

/** All axes of particles that factors may vary along, those of steps before included. */
export function particleAxes(particles: readonly ParticleAxis[]): readonly Axis[] {
  return particles.flatMap(({ axis, link }) => (link ? [axis, link.previous] : [axis]));
}

function refuseGroup(latents: readonly string[]): never {
  throw new SurmiseError(
    `particles: the group ${latents.map((name) => `'${name}'`).join(", ")} shares an axis, but not all of ` +
      "them are in the same chain: each step of a chain has particles of its own, so group only " +
      "latents of one chain",
  );
}

/** Refuses a latent that only the model has. */
export function refuseMissing({ name }: { readonly name: string }): never {
  throw new SurmiseError(missingInGuide(name));
}

/** What is said of a latent that only the model has. */
export function missingInGuide(name: string): string {
  return `latent '${name}' of the model is missing in the guide: add sample('${name}', ...) to the guide`;
}

function checkNames({ names }: Particles, { latents }: Trace): void {
  const unknown = names.find((name) => latents.every((latent) => latent.name !== name));
  if (unknown === undefined) return;
  throw new SurmiseError(
    `particles: there is no latent '${unknown}'; the latents are: ` +
      (latents.map(({ name }) => `'${name}'`).join(", ") || "none"),
  );
}

/** Checks that a guide has nothing but latents of the model, and the same totals of plates. */
export function checkGuide(guide: Trace, model: Trace): void {
  const [observed] = guide.observed;
  if (observed !== undefined) {
    throw new SurmiseError(
      `the guide observes '${observed.name}': a guide has only latents; observe in the model`,
    );
  }
  const known = new Map(model.latents.map((latent) => [latent.name, latent]));
  for (const { name, plates } of guide.latents) {
    const latent = known.get(name);
    if (latent === undefined) {
      throw new SurmiseError(
        `latent '${name}' of the guide is missing in the model: remove it from the guide, or add ` +
          `sample('${name}', ...) to the model`,
      );
    }
    for (const { axis, total } of plates) {
      const expected = latent.plates.find((plate) => plate.axis === axis)?.total;
      if (total !== axis.size && total !== expected) {
        throw new SurmiseError(
          `latent '${name}': plate '${axis.name}' has total ${total} in the guide and ${expected} ` +
            "in the model; the guide may leave it out",
        );
      }
    }
  }
}
