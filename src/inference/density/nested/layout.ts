/** Which numbers of a position are those of a chain, and in which order a normal over them is a band. */
import type { Axis } from "../../../tensor/index.ts";
import type { UnconstrainedSite } from "../layout.ts";
import type { LogDensity } from "../logDensity.ts";

/** A latent of a chain, with one number at each step for each element of its other plates. */
export interface ChainSite {
  /** The name of the latent. */
  readonly name: string;
  /** Its plates but for the chain. */
  readonly outer: readonly Axis[];
  /** The place of its first number among those of a step. */
  readonly offset: number;
  /** How many numbers it has at a step. */
  readonly size: number;
  /** Its part of a position. */
  readonly site: UnconstrainedSite;
}

/** The numbers of a chain and the others. */
export interface ChainLayout {
  /** The chain. */
  readonly axis: Axis;
  /** Its latents, in the order of the model. */
  readonly sites: readonly ChainSite[];
  /** Numbers of each step. */
  readonly width: number;
  /** The latents outside of the chain. */
  readonly others: readonly UnconstrainedSite[];
  /** The places in a position of the numbers outside of the chain, in the order of `others`. */
  readonly outside: Int32Array;
  /** The places of those of the chain: the last step first, and in a step the last number first. */
  readonly inside: Int32Array;
}

/** The layout of a model with one chain whose latents are scalars; undefined for others. */
export function chainLayout({ sites, trace }: LogDensity): ChainLayout | undefined {
  const platesOf = new Map(trace.latents.map(({ name, plates }) => [name, plates]));
  const chains = new Set(
    [...platesOf.values()].flatMap((plates) => plates.filter((p) => p.chain).map((p) => p.axis)),
  );
  const [axis, ...more] = chains;
  if (axis === undefined || more.length > 0) return undefined;
  const isInside = (site: UnconstrainedSite) => site.axes.includes(axis);
  let width = 0;
  const chain = sites.filter(isInside).map((site): ChainSite => {
    const size = site.size / axis.size;
    const offset = width;
    width += size;
    return { name: site.name, outer: site.axes.filter((a) => a !== axis), offset, size, site };
  });
  const hasEvents = chain.some(({ name, outer }) => {
    const plates = new Set(platesOf.get(name)?.map((plate) => plate.axis));
    return outer.some((a) => !plates.has(a));
  });
  const isPart = [...platesOf].some(
    ([name, plates]) => plates.some((p) => p.chain) && !chain.some((c) => c.name === name),
  );
  if (chain.length === 0 || hasEvents || isPart) return undefined;
  const others = sites.filter((site) => !isInside(site));
  const outside = others.flatMap(({ offset, size }) =>
    Array.from({ length: size }, (_, k) => offset + k),
  );
  const count = axis.size * width;
  const inside = new Int32Array(count);
  for (const { site, offset, size } of chain) {
    const after = site.axes.slice(site.axes.indexOf(axis) + 1).reduce((n, a) => n * a.size, 1);
    for (let t = 0; t < axis.size; t++) {
      for (let k = 0; k < size; k++) {
        const at = Math.floor(k / after) * axis.size * after + t * after + (k % after);
        inside[count - 1 - (t * width + offset + k)] = site.offset + at;
      }
    }
  }
  return { axis, sites: chain, width, others, outside: Int32Array.from(outside), inside };
}
