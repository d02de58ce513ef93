/**
 * How often each latent of the guide is drawn, and what becomes of the draws. Latents that share a
 * particle axis are weighed together, particle by particle; latents with axes of their own are weighed
 * in all combinations. Where an axis is eliminated follows from the axes (`eliminate`).
 */
import type { Distribution } from "../../distributions/index.ts";
import type { Plate } from "../../model/index.ts";
import {
  type Axis,
  axis,
  checkArguments,
  either,
  FUNCTION,
  listOf,
  objectWith,
  oneOf,
  optional,
  optionsWith,
  rename,
  SurmiseError,
  TEXT,
  type Tensor,
  wholeNumber,
} from "../../tensor/internal.ts";

/** The particle axis that a strategy gives a latent, and what is taken along it: the log of a mean, or a mean of logs. */
export interface StrategyAxis {
  /** The particle axis. */
  readonly axis: Axis;
  /** `importance` for the log of a mean of weights, `average` for a mean of log weights. */
  readonly kind: "importance" | "average";
  /**
   * In a chain, the axis of the particles of the step before: all of them are weighed with all of this
   * step. Without it, steps are paired particle by particle.
   */
  readonly previous?: Axis;
  /** For an average that is not over equals: the log weights of its elements, normalised. */
  readonly logWeights?: Tensor;
}

/** What a strategy sees of a latent site. */
export interface LatentSite {
  /** The name of the site. */
  readonly name: string;
  /** The plates it stands in, outermost first. */
  readonly plates: readonly Plate[];
  /** Its distribution under the guide. */
  readonly distribution: Distribution;
}

/**
 * Which particle of a parent, on another axis, a particle of its child is drawn from: one that a random
 * permutation assigns to it, so that each has exactly one child (Heap, Leech and Aitchison, UAI
 * 2023), or one chosen independently (tensor Monte Carlo: Aitchison, NeurIPS 2019).
 */
export type Parents = "permuted" | "independent";

/** A particle strategy. */
export interface Particles {
  /**
   * The axes along which a latent of the guide is drawn: averages, then at most one importance axis. The same
   * objects at each call.
   */
  axesOf(latent: LatentSite): readonly StrategyAxis[];
  /** How a particle is paired with those of a parent on another axis. */
  readonly parents: Parents;
  /** The latents it names: the guide must have them. */
  readonly names: readonly string[];
}

/** What an argument that is `Particles` must be. */
export const PARTICLES = objectWith({ axesOf: FUNCTION, names: listOf(TEXT) });

/** One draw of each latent: with a guide q of p, the bound is an estimate of the ELBO. */
export function single(): Particles {
  return { axesOf: () => [], parents: "permuted", names: [] };
}

/**
 * `k` draws of all latents together, weighted by p / q: log (1/k) sum_k w_k, the importance-weighted
 * bound (Burda, Grosse and Salakhutdinov, ICLR 2016), whose gap to the log evidence shrinks with k.
 *
 * @throws SurmiseError unless `k` is a whole number of at least 1; so do all strategies.
 */
export function global(k: number): Particles {
  const shared = [importanceAxis("particle", checkParticles("global", k))];
  return { axesOf: () => shared, parents: "permuted", names: [] };
}

/**
 * `k` draws on one axis for some latents, a single draw of the others: of the latents called `names`, or
 * of all that stand in a plate (local importance weighting: Geffner and Domke, AISTATS 2022).
 */
export function local(k: number, names?: readonly string[]): Particles {
  checkArguments("local", { names }, optional(listOf(TEXT)));
  const shared = [importanceAxis("particle", checkParticles("local", k))];
  const isLocal = ({ name, plates }: LatentSite) => names?.includes(name) ?? plates.length > 0;
  return {
    axesOf: (latent) => (isLocal(latent) ? shared : []),
    parents: "permuted",
    names: names ?? [],
  };
}

/** Which latents share a particle axis, and how children meet parents. */
export interface MassivelyParallelOptions {
  /** `permuted` unless given. */
  readonly parents?: Parents;
  /**
   * Latents that share an axis; every other latent has one of its own. With `plates`, those that stand in the same
   * plates share one.
   */
  readonly groups?: readonly (readonly string[])[] | "plates";
}

/**
 * `k` draws of each latent on an axis of its own, weighted in all k^n combinations (Heap, Leech and
 * Aitchison, "Massively parallel reweighted wake-sleep", UAI 2023; with `parents: "independent"`
 * tensor Monte Carlo). Where the guide has no latents with latent parents the two are the same. In a chain
 * each step has k draws of its own.
 *
 * @throws SurmiseError if two groups hold the same latent, or as `global`.
 */
export function massivelyParallel(k: number, options: MassivelyParallelOptions = {}): Particles {
  checkArguments(
    "massivelyParallel",
    { options },
    optionsWith<MassivelyParallelOptions>({
      parents: optional(oneOf("permuted", "independent")),
      groups: optional(either(oneOf("plates"), listOf(listOf(TEXT)))),
    }),
  );
  const { parents = "permuted", groups = [] } = options;
  checkParticles("massivelyParallel", k);
  const names = groups === "plates" ? [] : groups.flat();
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new SurmiseError(
      `particles.massivelyParallel: latent '${twice}' is in two groups: latents of one group share one axis, ` +
        "so put them into one",
    );
  }
  const axes = new Map<string, readonly StrategyAxis[]>();
  const membersOf = ({ name, plates }: LatentSite) =>
    groups === "plates"
      ? plates.map((plate) => plate.axis.name)
      : (groups.find((members) => members.includes(name)) ?? [name]);
  const axesOf = (latent: LatentSite) => {
    const members = membersOf(latent);
    const label =
      members.length === 0 ? "particle outside plates" : `particle of ${asLabel(members)}`;
    const previous = axis(`previous ${label}`, k);
    const own = axes.get(label) ?? [{ ...importanceAxis(label, k), previous }];
    axes.set(label, own);
    return own;
  };
  return { axesOf, parents, names };
}

/** Names in a row, so that different lists read differently. */
function asLabel(names: readonly string[]): string {
  return names.map((name) => (name.includes(",") ? JSON.stringify(name) : name)).join(", ");
}

/**
 * The mean of the bound over `l` draws of everything: L of Kingma and Welling (ICLR 2014), equation 7.
 * It lowers the noise of the bound of `particles` (one draw of each latent unless given) and leaves
 * its expectation as it is.
 */
export function average(l: number, particles: Particles = single()): Particles {
  checkArguments("average", { particles }, PARTICLES);
  const outer: StrategyAxis = {
    kind: "average",
    axis: axis("average", checkParticles("average", l)),
  };
  return { ...particles, axesOf: (latent) => [outer, ...particles.axesOf(latent)] };
}

/**
 * Latents whose guide is a mixture are drawn once from each component, and the mean over components is taken with
 * their weights, so that the component is summed out:
 *
 *     sum_k w_k E_{z ~ q_k} [log p(x, z) - log q(z)],   q = sum_k w_k q_k
 *
 * (Roeder, Wu and Duvenaud, NeurIPS 2017, algorithm 3). So its draws have derivatives, the weights too, where those
 * of the components do. Latents whose mixtures have one axis come from the same component. Not together with
 * importance-weighted particles.
 *
 * @throws SurmiseError if `particles` are importance-weighted (when they are drawn).
 */
export function stratified(particles: Particles = single()): Particles {
  checkArguments("stratified", { particles }, PARTICLES);
  const strata = new Map<Axis, Axis>();
  return {
    ...particles,
    axesOf(latent) {
      const inner = particles.axesOf(latent);
      const { components } = latent.distribution;
      if (components === undefined) return inner;
      if (inner.some(({ kind }) => kind === "importance")) refuseStrata(latent);
      const known = strata.get(components.axis);
      const stratum = known ?? axis(`component of ${latent.name}`, components.axis.size);
      strata.set(components.axis, stratum);
      const logWeights = rename(components.logWeights, components.axis, stratum);
      return [...inner, { kind: "average", axis: stratum, logWeights }];
    },
  };
}

function refuseStrata({ name }: LatentSite): never {
  throw new SurmiseError(
    `particles.stratified: latent '${name}' has importance-weighted particles, whose weights are taken over all ` +
      "components together: use single draws or averages with it, or leave it out",
  );
}

function checkParticles(strategy: string, k: number): number {
  return wholeNumber(`particles.${strategy}: the number of particles`, k, {
    least: 1,
    most: 2 ** 31 - 1,
  });
}

function importanceAxis(name: string, k: number): StrategyAxis {
  return { kind: "importance", axis: axis(name, k) };
}

/** The particle strategies, by name: `particles.global(10)`. */
export const particles = { single, global, local, massivelyParallel, average, stratified } as const;
