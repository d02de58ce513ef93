/** Why an elimination is refused, and what to do instead. */
import type { Plate } from "../../model/index.ts";
import {
  type Axis,
  describeAxes,
  SurmiseError,
  type Tensor,
  unionAxes,
} from "../../tensor/internal.ts";

/** The latents of a particle axis, and its scope: the plates in which it would be eliminated. */
interface ScopedLatents {
  readonly latents: readonly string[];
  readonly scope: readonly Plate[];
}

/** Two particle axes in crossing plates meet in a site. */
export function refuseCrossing(
  site: string,
  ...axes: readonly [ScopedLatents, ScopedLatents]
): never {
  const [a, b] = axes.map(
    ({ latents: [name], scope }) => `'${name}' (plates ${describePlates(scope)})`,
  );
  const [x, y] = axes.map(({ latents: [name] }) => `"${name}"`);
  throw new SurmiseError(
    `site '${site}': latents ${a} and ${b} meet in it and their plates cross, so that the weights ` +
      "of their particles do not fall apart along either plate: let them share an axis " +
      `(particles.massivelyParallel(K, { groups: [[${x}, ${y}]] })), or take single draws of one ` +
      `(particles.local(K, [${x}]))`,
  );
}

/** The log of a mean would be taken outside a subsampled plate, where it is biased. */
export function refuseSubsampling(site: string, { axis, total }: Plate, particle: Axis): never {
  throw new SurmiseError(
    `site '${site}': plate '${axis.name}' holds ${axis.size} of ${total} elements and stands ` +
      `inside the importance-weighted axis '${particle.name}', which sites outside the plate ` +
      "vary along too; the log of a mean of scaled-up weights is biased: give the plate all its " +
      `elements, use particles.average(${particle.size}) or particles.single(), or allow it with biased: true`,
  );
}

/** A contraction is larger than `maxCost`. */
export function refuseCost(
  eliminated: Axis,
  plates: readonly Plate[],
  sites: readonly string[],
  factors: readonly Tensor[],
  most: number,
): never {
  const joint = unionAxes(...factors.map(({ axes }) => axes));
  throw new SurmiseError(
    `eliminating '${eliminated.name}' in plates ${describePlates(plates)} combines the sites ` +
      `${sites.join(", ")} over ${describeAxes(joint)}, more than maxCost = ${most} elements: take ` +
      "fewer particles, let latents share an axis (groups), or raise maxCost",
  );
}

/** The terms of a guide's mixture are more than `maxCost`. */
export function refuseMixture(site: string, terms: readonly Axis[], most: number): never {
  throw new SurmiseError(
    `site '${site}': the guide draws it given latents whose particles lie on other axes, so that its density is a mixture ` +
      `over all of them, with terms over ${describeAxes(terms)}, more than maxCost = ${most}: take fewer particles, let ` +
      "the site share an axis with these latents (groups), take a guide in which it does not depend on them, or raise " +
      "maxCost",
  );
}

/** A site outside a chain depends on steps that have particles of their own. */
export function refuseOutside(site: string, latent: string, { name }: Axis): never {
  throw new SurmiseError(
    `site '${site}' stands outside chain '${name}' and depends on its latent '${latent}', whose steps have ` +
      `particles of their own: observe inside the chain (with masked(...) where only some steps are ` +
      "observed), or let steps be paired particle by particle, as particles.global(K) does",
  );
}

function describePlates(plates: readonly Plate[]): string {
  return describeAxes(plates.map(({ axis }) => axis));
}
