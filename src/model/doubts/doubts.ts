/** What may not be meant, though it can be computed: what a model should be asked before its results are believed. */
import type { Distribution, Support } from "../../distributions/index.ts";
import { describeConstraint } from "../../distributions/internal.ts";
import { describeAxes, nodesOf, type Tensor } from "../../tensor/internal.ts";
import { type Latent, type Observed, tensorsOf } from "../sites.ts";
import type { Trace } from "../trace.ts";

/**
 * Reasons to doubt that a model says what it should: latents that no data tell of, latents that reach beyond where a
 * parameter lies, and data that count several times, each with what to do.
 *
 * @param traced a run in which no latent has a known number for its value
 */
export function modelDoubts(traced: Trace): readonly string[] {
  if (traced.observed.length === 0) {
    return traced.latents.length === 0 ? [] : [NOTHING_OBSERVED];
  }
  return [...untold(traced), ...reachingBeyond(traced), ...countedOften(traced)];
}

const NOTHING_OBSERVED =
  "the model observes nothing: its draws are those of the priors; data are observed by observe(name, distribution, value)";

type Random = Latent | Observed;

/** Groups of latents that neither an observation nor a trained parameter has to do with. */
function untold({ sites, latents, params }: Trace): string[] {
  const groups = [...sites.keys()].map((name) => new Set([name]));
  const known = new Map([...latents, ...params].map(({ name, value }) => [value, name]));
  for (const site of sites.values()) {
    const density = "logProb" in site ? [site.logProb()] : [];
    const used = nodesOf([...tensorsOf(site), ...density]).flatMap((x) => known.get(x) ?? []);
    const [whole, ...others] = groups.filter((group) =>
      [site.name, ...used].some((name) => group.has(name)),
    );
    for (const group of others) {
      for (const name of group) whole.add(name);
      groups.splice(groups.indexOf(group), 1);
    }
  }
  const kindsOf = (group: ReadonlySet<string>) => [...group].map((name) => sites.get(name)?.kind);
  return groups
    .filter((group) => !kindsOf(group).some((kind) => kind === "observed" || kind === "param"))
    .flatMap((group) => {
      const names = [...group].filter((name) => sites.get(name)?.kind === "latent");
      if (names.length === 0) return [];
      const [list, is] = [names.map((name) => `'${name}'`).join(", "), names.length === 1];
      return [
        `${list}: no observation depends on ${is ? "this latent, whose" : "these latents, whose"} draws are those of the ` +
          "prior: use it in a distribution, or leave it out; in if (x), x === 1 and x ? a : b a tensor is no number, " +
          "which select(x.eq(1), a, b) is for",
      ];
    });
}

/** Latents on the whole real line in the place of a parameter that has an end. */
function reachingBeyond({ latents, observed }: Trace): string[] {
  const known = new Map(latents.map((latent) => [latent.value, latent]));
  return [...latents, ...observed].flatMap(({ name, distribution }: Random) =>
    Object.entries(distribution.parameters).flatMap(([parameter, x]) => {
      const set = distribution.constraints[parameter];
      const latent = known.get(uncast(x));
      if (latent === undefined || !isPlainLine(latent.distribution) || !hasEnds(set)) return [];
      return [
        `'${name}': the ${parameter} of its ${distribution.name} must be ${describeConstraint(set)}, but '${latent.name}', a ` +
          `${latent.distribution.name}, reaches beyond: what lies there is left out; give it a prior that lies there, such ` +
          `as ${set.kind === "unit" ? "beta(1, 1)" : "halfNormal(1)"}, or take ${set.kind === "unit" ? "sigmoid" : "exp"}(x)`,
      ];
    }),
  );
}

function uncast(x: Tensor): Tensor {
  return x.op === "cast" ? uncast(x.inputs[0]) : x;
}

const isPlainLine = ({ support }: Distribution) => support.kind === "real";
const hasEnds = (set: Support | undefined): set is Support =>
  set?.kind === "positive" || set?.kind === "unit";

/** Data of which each number is observed at all elements of a plate, though they vary along another. */
function countedOften({ observed }: Trace): string[] {
  return observed.flatMap(({ name, distribution, value, plates }) => {
    const lacking = plates.filter(
      ({ axis }) => !value.has(axis) && distribution.mask?.has(axis) !== true,
    );
    if (lacking.length === 0 || lacking.length === plates.length) return [];
    const own = plates.filter(({ axis }) => value.has(axis)).map(({ axis }) => axis);
    const [{ axis }] = lacking;
    return [
      `'${name}': its value has axes ${describeAxes(own)} and lacks the plate '${axis.name}', so that each of its numbers counts ` +
        `${axis.size} times, once for each ${axis.name}: if each ${own[0].name} has one ${axis.name}, observe it inside ` +
        `plate(${own[0].name}, ...) alone, with gather(x, ${axis.name}, indexOf("${axis.name}"))`,
    ];
  });
}
