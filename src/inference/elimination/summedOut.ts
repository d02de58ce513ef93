/**
 * Discrete latents summed out: all their values stand along axes (`Enumeration`), as if each were a particle that a
 * uniform proposal has drawn exactly once. The elimination of these axes is then the sum, in logarithms and float64:
 * over each element of a plate by itself, in the cheapest order where latents meet, and forwards along a chain (the
 * forward algorithm; Rabiner, Proceedings of the IEEE 77, 1989). Their probabilities and joint draws afterwards are
 * those of particles.
 */
import type { Latent, Observed, Trace } from "../../model/internal.ts";
import {
  type Axis,
  cast,
  fold,
  gatherClamped,
  type Key,
  SurmiseError,
  type Tensor,
} from "../../tensor/internal.ts";
import { combinesAlong } from "../logWeight/combined.ts";
import { type Factor, mapFactor } from "../logWeight/factors.ts";
import { type Discrete, Enumeration, type SummedOut } from "../proposal/enumeration.ts";
import type { ParticleAxis } from "../proposal/traces.ts";
import { type ChosenParticles, drawCombinations } from "./ancestral.ts";
import { type Elimination, type EliminationOptions, eliminate } from "./eliminate.ts";
import { replaceValue } from "./enumerate.ts";

/** The axes of values as those of particles. */
export function particlesOf({ latents }: Enumeration): readonly ParticleAxis[] {
  return latents.map(({ name, own, link }) => ({
    axis: own,
    kind: "importance",
    latents: [name],
    ...(link && { link: { ...link, own } }),
  }));
}

/**
 * The log factor of a site with what it becomes where latents are summed out: of such a latent with the log of the
 * number of its values, over which the elimination takes a mean.
 *
 * @throws SurmiseError if the site depends on several elements of such a latent at once.
 */
export function summedOutFactor(enumeration: Enumeration, factor: Factor): Factor {
  const count = enumeration.countOf(factor.site);
  const start = count === 1 ? factor : mapFactor(factor, (x) => x.add(Math.log(count)));
  return enumeration.latents.reduce<Factor>((found, latent) => {
    const { value, each, own } = latent;
    const bare = mapFactor(found, (x) => replaceValue(x, value, each, own));
    checkElements(bare, latent);
    return bare;
  }, start);
}

/**
 * The factors once the latents are summed out: those that do not depend on them as they are, and what has become of
 * the others.
 *
 * @throws SurmiseError as `eliminate`.
 */
export function sumOut(
  enumeration: Enumeration,
  factors: readonly Factor[],
  options: EliminationOptions,
): readonly Factor[] {
  if (enumeration.latents.length === 0) return factors;
  const own = factors.map((factor) => summedOutFactor(enumeration, factor));
  const depends = ({ value }: Factor) => enumeration.varies(value);
  const { weights } = eliminate(own.filter(depends), particlesOf(enumeration), options);
  return [
    ...own.filter((factor) => !depends(factor)),
    ...weights.map(({ sites, value, plates }) => ({ site: sites.join(", "), value, plates })),
  ];
}

/** A factor of the log density of a site, with `more` added to it. */
export function factorOfSite(
  { name, plates, logProb, steps }: Latent | Observed,
  more?: Tensor,
): Factor {
  const of = (density: Tensor) => {
    const value = cast(density, "float64");
    return more === undefined ? value : value.add(more);
  };
  return {
    site: name,
    value: of(logProb()),
    plates,
    ...(steps && { steps: { first: of(steps.first()), later: of(steps.later()) } }),
  };
}

/**
 * What assigns to the latents that were summed out joint draws along `along`, from their probabilities given all else
 * that the factors depend on.
 */
export function drawValues(
  enumeration: Enumeration,
  elimination: Elimination,
  along: Axis,
  key: Key,
): Discrete {
  const chosen = drawCombinations(elimination.steps, along, fold(key, "summed out"));
  const drawn = new Map(
    enumeration.latents.map((latent) => [latent.name, valueAtDraws(latent, chosen)]),
  );
  return ({ name }) => {
    const value = drawn.get(name);
    return value && { kind: "latent", value };
  };
}

/**
 * A run of a model whose discrete latents are drawn along `along`, given the others: `run` gets what assigns values to
 * them, at first all of them and then those that were drawn.
 */
export function traceWithDrawnValues(
  run: (discrete: Discrete) => Trace,
  along: Axis,
  key: Key,
): Trace {
  const enumeration = new Enumeration();
  const all = run((statement) => enumeration.assign(statement));
  if (enumeration.latents.length === 0) return all;
  const factors = [...all.latents, ...all.observed]
    .map((site) => summedOutFactor(enumeration, factorOfSite(site)))
    .filter(({ value }) => enumeration.varies(value));
  const elimination = eliminate(factors, particlesOf(enumeration));
  return run(drawValues(enumeration, elimination, along, key));
}

/** The drawn values of a latent, over the axis of the draws, its plates and its event axes. */
function valueAtDraws({ own, each }: SummedOut, chosen: ChosenParticles): Tensor {
  return gatherClamped(each, own, chosen.get(own) as Tensor);
}

/** What varies along the values of a latent must stand in all its plates. */
function checkElements({ site, value, plates }: Factor, latent: SummedOut): void {
  const { own, link, name } = latent;
  if (!value.has(own) && !(link && value.has(link.previous))) return;
  const outside = latent.plates.find(
    ({ axis, chain }) =>
      !plates.some((plate) => plate.axis === axis) ||
      (!chain && combinesAlong(value, axis, new Set([latent.value]))),
  );
  if (outside === undefined) return;
  const along = outside.axis.name;
  const isInside = plates.some(({ axis }) => axis === outside.axis);
  const inside = `state '${site}' inside ${outside.chain ? "the step of the chain" : `plate '${along}'`}, or, where`;
  throw new SurmiseError(
    `site '${site}' depends on several elements of latent '${name}' along '${along}' at once, ` +
      `${outside.chain ? "the steps of a chain" : "a plate"} in which each element is summed out by itself: ` +
      `${isInside ? "where" : inside} a few elements belong together, make '${along}' an event axis of '${name}'; ` +
      "or choose method gibbs, which sums out nothing",
  );
}
