/** The draws of a guide along particle axes, and which particles are whose parents. */
import type { Components, Distribution } from "../../distributions/index.ts";
import { drawnAlong, type Interpretation, siteKey } from "../../model/internal.ts";
import {
  type Axis,
  constant,
  fold,
  gatherClamped,
  gatherInside,
  index,
  type Key,
  mod,
  randomBits,
  rename,
  shuffled,
  type Tensor,
} from "../../tensor/internal.ts";
import type { Parents, Particles } from "./particles.ts";

/**
 * Draws each latent of a guide along its own particle axes. Parents on the same axis are met particle
 * by particle. Of a parent with another axis a particle meets one element, chosen anew for each
 * element of the child's plates, so that its distribution is the mixture over the parent's particles
 * (Heap, Leech and Aitchison, UAI 2023, section 4). The step before in a chain is a parent like others.
 *
 * The key of a draw is (key, site, "draw"), its canonical order particles, plates, events, so that more
 * particles leave the earlier ones as they were.
 */
export function particleDraws(key: Key, particles: Particles): Interpretation {
  const met = new Set<Axis>();
  return (statement) => {
    const { distribution } = statement;
    const own = particles.axesOf(statement);
    const stratum = own.find(({ logWeights }) => logWeights !== undefined);
    const equals = own.filter((a) => a !== stratum);
    const along = [...equals.map(({ axis }) => axis), ...drawnAlong(statement)];
    const foreign = distribution.axes.filter((a) => met.has(a) && !along.includes(a));
    for (const { axis, previous } of equals) met.add(axis).add(previous ?? axis);
    const site = siteKey(key, statement);
    const importance = own.find(({ kind }) => kind === "importance");
    const particle = importance?.axis;
    const others = along.filter((a) => a !== particle);
    const choose = CHOICES[particles.parents];
    const value = foreign.reduce(
      (drawn, parent) => {
        const chosen = choose(
          fold(fold(site, "parent"), parent.name),
          parent.size,
          particle,
          others,
        );
        return particle === undefined
          ? gatherClamped(drawn, parent, chosen)
          : gatherInside(drawn, parent, chosen, particle);
      },
      stratum === undefined
        ? distribution.sample(fold(site, "draw"), along)
        : fromEach(distribution, stratum.axis, fold(site, "draw"), along),
    );
    const { previous } = importance ?? {};
    return {
      kind: "latent",
      value,
      ...(particle && previous && { link: { own: particle, previous } }),
    };
  };
}

/** A draw from each component of a mixture, along `stratum`. */
function fromEach({ components }: Distribution, stratum: Axis, key: Key, along: readonly Axis[]) {
  const { axis, distribution } = components as Components;
  return rename(distribution.sample(key, along), axis, stratum);
}

/** The element of a parent, one of `size`, for each element over `particle` and `others`: int32. */
type Choice = (key: Key, size: number, particle: Axis | undefined, others: Axis[]) => Tensor;

/** Children in the order of a permutation of the parents, or one of the parents for an only child. */
const permuted: Choice = (key, size, particle, others) => {
  const each = others.reduce((k, a) => fold(k, index(a)), key);
  const place = particle === undefined ? constant(0, "int32") : mod(index(particle), size);
  return shuffled(each, place, size);
};

const independent: Choice = (key, size, particle, others) =>
  mod(randomBits(key, particle === undefined ? others : [particle, ...others]), size);

const CHOICES: Readonly<Record<Parents, Choice>> = { permuted, independent };
